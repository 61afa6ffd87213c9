// The kinds of value that are lists, in the form of config_kinds.hpp. Pure.
#pragma once

#include "server/config/config_kinds.hpp"
#include "troupe/wire/client_address.hpp"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::kinds {

/// The entries of a list, or the parts between commas of a variable or a flag; nothing for what is
/// neither.
std::optional<config_value::list> entries_of(const config_value& value);

/// `["a", "b"]`
std::string show_list(const std::vector<std::string>& texts);

/// A list whose entries are each made from a text by
///   `static std::optional<T> Entry::parse(const std::string& text, value_range bounds)`.
/// `Entry::got` is the error of an entry, of which `number` counts from 1, or of the list (0).
template <class Entry>
struct list_of {
  static constexpr std::string_view placeholder = "LIST";

  template <class T>
  static value_check read(const config_value& value, value_range bounds, std::vector<T>& into) {
    const auto entries = entries_of(value);
    if (!entries || entries->size() < Entry::entries_min || entries->size() > Entry::entries_max)
      return fail(Entry::got(value, 0, bounds));
    into.clear();
    for (const auto& entry : *entries) {
      const auto* text = text_of(entry);
      auto parsed = text != nullptr ? Entry::parse(*text, bounds) : std::nullopt;
      if (!parsed)
        return fail(Entry::got(entry, into.size() + 1, bounds));
      into.push_back(std::move(*parsed));
    }
    return {};
  }
};

/// What most entries have in common.
struct plain_entry {
  static constexpr std::size_t entries_min = 0;
  static constexpr std::size_t entries_max = std::numeric_limits<std::size_t>::max();
  static value_error got(const config_value& value, std::size_t, value_range) {
    return troupe::got(value);
  }
};

struct secret_entry : plain_entry {
  static std::optional<std::string> parse(const std::string& text, value_range bounds);
  static value_error got(const config_value& value, std::size_t number, value_range bounds);
};

/// Secrets that fit into an HTTP header. Never shown: neither in errors nor by `show`.
struct secrets : list_of<secret_entry> {
  static std::string show(const std::vector<std::string>& value);
  static std::string expected(value_range bounds);
  static std::string range(value_range bounds) { return "each " + bounded::range(bounds); }
};

struct origin_entry : plain_entry {
  static std::optional<std::string> parse(const std::string& text, value_range bounds);
};

/// Origins as net/origin.hpp reads them.
struct origins : list_of<origin_entry> {
  static std::string show(const std::vector<std::string>& value) { return show_list(value); }
  static std::string expected(value_range bounds);
  static std::string range(value_range bounds) { return "each " + bounded::range(bounds); }
};

struct name_entry : plain_entry {
  static std::optional<std::string> parse(const std::string& text, value_range bounds);
};

/// What people may be called (names.hpp).
struct display_names : list_of<name_entry> {
  static std::string show(const std::vector<std::string>& value) { return show_list(value); }
  static std::string expected(value_range bounds);
  static std::string range(value_range bounds) { return "each " + bounded::range(bounds); }
};

struct address_entry : plain_entry {
  static std::optional<address_block> parse(const std::string& text, value_range) {
    return address_block::parse(text);
  }
};

/// Addresses and blocks of them.
struct addresses : list_of<address_entry> {
  static std::string show(const std::vector<address_block>& value);
  static std::string expected(value_range bounds);
  static std::string range(value_range) { return "addresses and networks"; }
};

} // namespace troupe::kinds

#include "troupe/json/json_keys.hpp"

#include <algorithm>
#include <span>

namespace troupe {

namespace {

// So many keys are compared each with each: for few that is faster than to sort them.
constexpr std::size_t pairwise_max = 16;

// What a thread keeps between two scans, entries: 96 KiB.
constexpr std::size_t kept_max = 4096;

template <class Entry>
std::vector<Entry>& list_of_thread() {
  thread_local std::vector<Entry> list;
  return list;
}

} // namespace

json_keys::json_keys(std::string_view text)
  : list_(list_of_thread<entry>()),
    base_(list_.size()),
    text_bytes_(text.size()) {}

json_keys::~json_keys() {
  list_.erase(list_.begin() + static_cast<std::ptrdiff_t>(base_), list_.end());
  if (base_ == 0 && list_.capacity() > kept_max)
    list_ = {};
}

void json_keys::add_escaped(const json_slice& key) {
  // No key is longer without its escapes, so what was put here does not move.
  unescaped_.reserve(text_bytes_);
  const auto begin = unescaped_.size();
  unescaped_ += json_unescape(key);
  list_.push_back({std::string_view(unescaped_).substr(begin), key.text.data()});
}

const char* json_keys::first_repeated(std::size_t begin) {
  const auto keys = std::span(list_).subspan(begin);
  if (keys.size() <= pairwise_max) {
    for (std::size_t i = 1; i < keys.size(); ++i)
      for (std::size_t k = 0; k < i; ++k)
        if (keys[i].key == keys[k].key)
          return keys[i].at;
    return nullptr;
  }
  // By length first, which is faster than by letters; equal ones in the order of the text.
  std::sort(keys.begin(), keys.end(), [](const entry& a, const entry& b) {
    if (a.key.size() != b.key.size())
      return a.key.size() < b.key.size();
    const int order = a.key.compare(b.key);
    return order != 0 ? order < 0 : a.at < b.at;
  });
  const char* first = nullptr;
  for (std::size_t i = 1; i < keys.size(); ++i)
    if (keys[i].key == keys[i - 1].key && (first == nullptr || keys[i].at < first))
      first = keys[i].at;
  return first;
}

} // namespace troupe

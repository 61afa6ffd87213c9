#include "troupe/json/json_scan.hpp"

#include "troupe/json/json_cursor.hpp"
#include "troupe/json/json_keys.hpp"

#include <algorithm>

namespace troupe {

namespace {

// Walks over the text once.
struct scanner : json_cursor {
  const unsigned depth_max;
  json_keys keys;

  scanner(std::string_view text, unsigned depth)
    : json_cursor(text),
      depth_max(std::min(depth, 64u)),
      keys(text) {}

  bool colon() {
    skip_space();
    if (!at(':'))
      return fail("':' expected");
    ++p;
    skip_space();
    return true;
  }

  bool key_and_colon() {
    json_slice key;
    if (!string(key))
      return false;
    keys.add(key);
    return colon();
  }

  bool end_of_object() {
    if (const char* const twice = keys.close()) {
      p = twice - 1;
      return fail("a key for the second time");
    }
    return true;
  }

  // An array or object, whatever it holds, without recursion: `objects` has one bit a level.
  bool container(json_slice& out, unsigned depth) {
    const char* const start = p;
    const unsigned outer = depth;
    std::uint64_t objects = 0;
    json_slice ignored;
    out.kind = at('{') ? json_kind::object : json_kind::array;
    for (;;) {
      // Here `p` is at a value. Open as many containers as begin here.
      bool empty = false;
      while (at('{') || at('[')) {
        if (++depth > depth_max)
          return fail("nested too deeply");
        const bool object = *p == '{';
        objects = objects << 1 | (object ? 1u : 0u);
        ++p;
        if (object)
          keys.open();
        skip_space();
        if (at(object ? '}' : ']')) {
          empty = true;
          break;
        }
        if (object && !key_and_colon())
          return false;
      }
      if (!empty && !scalar(ignored))
        return false;
      // After a value: close what ends here, or go on to the next value.
      for (;;) {
        skip_space();
        const bool object = (objects & 1) != 0;
        if (at(object ? '}' : ']')) {
          if (object && !end_of_object())
            return false;
          ++p;
          objects >>= 1;
          if (--depth == outer) {
            out.text = {start, static_cast<std::size_t>(p - start)};
            out.escaped = false;
            return true;
          }
          continue;
        }
        if (!at(','))
          return fail(object ? "',' or '}' expected" : "',' or ']' expected");
        ++p;
        skip_space();
        if (object && !key_and_colon())
          return false;
        break;
      }
    }
  }

  bool value(json_slice& out, unsigned depth) {
    return at('{') || at('[') ? container(out, depth) : scalar(out);
  }

  bool too_many() {
    fail("too many members");
    error.too_many = true;
    return false;
  }

  bool end_of_text() {
    skip_space();
    return p == end || fail("something follows the value");
  }

  bool object(std::vector<json_member>& out) {
    skip_space();
    if (!at('{'))
      return fail("object expected");
    ++p;
    keys.open();
    skip_space();
    if (at('}')) {
      ++p;
      return end_of_text();
    }
    for (std::size_t count = 1;; ++count) {
      json_member member;
      if (!string(member.key))
        return false;
      if (count > json_members_max)
        return too_many();
      keys.add(member.key);
      if (!colon() || !value(member.value, 1))
        return false;
      out.push_back(member);
      skip_space();
      if (at('}')) {
        if (!end_of_object())
          return false;
        ++p;
        return end_of_text();
      }
      if (!at(','))
        return fail("',' or '}' expected");
      ++p;
      skip_space();
    }
  }
};

// Calls `f` for each until it returns false.
template <class F>
void each_member(const json_slice& object, F f) {
  scanner scan(object.text, 64);
  ++scan.p;
  scan.skip_space();
  while (!scan.at('}')) {
    json_member member;
    if (!scan.string(member.key) || !scan.colon() || !scan.value(member.value, 0) || !f(member))
      return;
    scan.skip_space();
    if (scan.at(',')) {
      ++scan.p;
      scan.skip_space();
    }
  }
}

} // namespace

std::optional<json_error> scan_object(std::string_view text, unsigned depth_max,
                                      std::vector<json_member>& out) {
  scanner scan(text, depth_max);
  if (scan.object(out))
    return std::nullopt;
  return scan.error;
}

std::optional<json_error> scan_value(std::string_view text, unsigned depth_max, json_slice& out) {
  scanner scan(text, depth_max);
  scan.skip_space();
  if (scan.value(out, 0) && scan.end_of_text())
    return std::nullopt;
  return scan.error;
}

void scan_elements(const json_slice& array, std::vector<json_slice>& out) {
  scanner scan(array.text, 64);
  ++scan.p;
  scan.skip_space();
  while (!scan.at(']')) {
    json_slice element;
    if (!scan.value(element, 0))
      return;
    out.push_back(element);
    scan.skip_space();
    if (scan.at(',')) {
      ++scan.p;
      scan.skip_space();
    }
  }
}

void scan_members(const json_slice& object, std::vector<json_member>& out) {
  each_member(object, [&](const json_member& each) {
    out.push_back(each);
    return true;
  });
}

std::optional<json_slice> find_member(const json_slice& object, std::string_view key) {
  std::optional<json_slice> found;
  each_member(object, [&](const json_member& each) {
    if (each.key.escaped ? json_unescape(each.key) == key : each.key.text == key)
      found = each.value;
    return !found;
  });
  return found;
}

} // namespace troupe

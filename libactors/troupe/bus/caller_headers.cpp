#include "troupe/bus/caller_headers.hpp"

namespace troupe {

namespace {

constexpr char hex_digits[] = "0123456789ABCDEF";

bool stays(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_.~@:/+=").find(c) != std::string_view::npos;
}

} // namespace

std::string header_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (stays(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += hex_digits[byte >> 4];
    out += hex_digits[byte & 15];
  }
  return out;
}

bus_headers caller_headers(std::string_view connection, const identity* who) {
  bus_headers out{{"Troupe-Connection", std::string(connection)}};
  if (!who)
    return out;
  out.emplace_back("Troupe-User", header_text(who->user_id));
  std::string roles;
  for (const auto& role : who->roles)
    roles += (roles.empty() ? "" : ",") + header_text(role);
  if (!roles.empty())
    out.emplace_back("Troupe-Roles", std::move(roles));
  return out;
}

} // namespace troupe

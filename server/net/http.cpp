#include "server/net/http.hpp"

#include "troupe/json/json_text.hpp"

#include <boost/beast/http/status.hpp>

#include <array>
#include <chrono>
#include <cstdio>

namespace troupe {

http_response error_response(const error& why, unsigned status) {
  http_response response;
  response.status = status != 0 ? status : http_status(why.code);
  response.body = R"({"error":{"code":")" + std::string(to_string(why.code)) + R"(","message":)";
  append_json_string(response.body, why.message);
  response.body += "}}\n";
  return response;
}

std::string serialize(const http_response& response, const response_form& form) {
  const auto reason =
    boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  out.append(reason.data(), reason.size());
  out += "\r\n";
  if (response.status != 204 && response.status != 304) // which have no body, not even an empty one
    out += "Content-Type: " + response.content_type +
           "\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n";
  for (const auto& [name, value] : response.fields)
    out += name + ": " + value + "\r\n";
  if (response.status >= 400 || form.all_for_pages)
    for (const auto& [name, value] : form.for_pages)
      out += name + ": " + value + "\r\n";
  if (form.date)
    out += "Date: " + http_date(*form.date) + "\r\n";
  if (!form.keep_alive)
    out += "Connection: close\r\n";
  else if (form.http_1_0)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
  if (!form.head_only)
    out += response.body;
  return out;
}

// By hand: what strftime writes depends on the locale.
std::string http_date(wall_time at) {
  using namespace std::chrono;
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = floor<std::chrono::days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{floor<seconds>(at - day)};
  std::array<char, 40> text;
  const int size =
    std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                  days[weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                  months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

} // namespace troupe

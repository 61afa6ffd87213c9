#include "troupe/wire/timestamp.hpp"

namespace troupe {

namespace {

void put(char* at, unsigned value, unsigned digits) {
  for (unsigned i = digits; i > 0; --i, value /= 10)
    at[i - 1] = static_cast<char>('0' + value % 10);
}

} // namespace

wall_time wall_now() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

void append_timestamp(std::string& out, wall_time time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  char text[] = "0000-00-00T00:00:00.000Z";
  put(text, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put(text + 5, static_cast<unsigned>(date.month()), 2);
  put(text + 8, static_cast<unsigned>(date.day()), 2);
  put(text + 11, static_cast<unsigned>(clock.hours().count()), 2);
  put(text + 14, static_cast<unsigned>(clock.minutes().count()), 2);
  put(text + 17, static_cast<unsigned>(clock.seconds().count()), 2);
  put(text + 20, static_cast<unsigned>(clock.subseconds().count()), 3);
  out.append(text, sizeof text - 1);
}

} // namespace troupe

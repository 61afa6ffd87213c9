#include "troupe/wire/errors.hpp"

namespace troupe {

std::string_view to_string(errc code) {
  switch (code) {
#define TROUPE_ERROR(name, message, http_status)                                                   \
  case errc::name:                                                                                 \
    return #name;
#include "troupe/wire/errors.def"
  }
  return "internal";
}

std::string_view default_message(errc code) {
  switch (code) {
#define TROUPE_ERROR(name, message, http_status)                                                   \
  case errc::name:                                                                                 \
    return message;
#include "troupe/wire/errors.def"
  }
  return "";
}

unsigned http_status(errc code) {
  switch (code) {
#define TROUPE_ERROR(name, message, http_status)                                                   \
  case errc::name:                                                                                 \
    return http_status;
#include "troupe/wire/errors.def"
  }
  return 500;
}

std::string_view default_reason(close_code code) {
  switch (code) {
#define TROUPE_CLOSE(name, number, reason, reconnect)                                              \
  case close_code::name:                                                                           \
    return reason;
#include "troupe/wire/errors.def"
  }
  return "";
}

bool reconnects(close_code code) {
  switch (code) {
#define TROUPE_CLOSE(name, number, reason, reconnect)                                              \
  case close_code::name:                                                                           \
    return reconnect;
#include "troupe/wire/errors.def"
  }
  return true;
}

} // namespace troupe

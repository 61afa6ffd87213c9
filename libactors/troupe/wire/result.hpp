// What a function returns that may fail: a value, or the error in its place. Pure.
//
//   result<position> publish(…);       an `error` to tell a client: code and message
//   text_result<> check_tls(…);        a line for the operator; without a value, only "fine"
//
//   const auto port = listener.bind(host, 0);
//   if (!port)
//     return fail("no listener: " + port.error());
//   use(*port);
//
// tl::expected until C++23: then these become std::expected and std::unexpected, here alone.
#pragma once

#include "troupe/wire/errors.hpp"

#include <tl/expected.hpp>

#include <string>
#include <type_traits>
#include <utility>

namespace troupe {

/// A `T`, or an `E`. As a bool: whether there is a `T`, which `*` gives; `error()` gives the `E`.
/// Reading the one that is not there is undefined.
template <class T = void, class E = error>
using result = tl::expected<T, E>;

/// For what no client is told: the start, the configuration, files. The text is a line for people.
template <class T = void>
using text_result = result<T, std::string>;

/// What a function returns in place of its value: `return fail(errc::not_in_room)`.
template <class E>
tl::unexpected<std::decay_t<E>> fail(E&& with) {
  return tl::unexpected<std::decay_t<E>>(std::forward<E>(with));
}
inline tl::unexpected<error> fail(errc code) {
  return fail(error{code});
}
inline tl::unexpected<error> fail(errc code, std::string message) {
  return fail(error{code, std::move(message)});
}

} // namespace troupe

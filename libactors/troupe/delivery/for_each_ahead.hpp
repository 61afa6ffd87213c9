// How an outlet walks over many connections, each of which it finds cold.
#pragma once

#include "troupe/delivery/connection.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace troupe {

/// Calls `f` for each connection (as such, or as a listener), having those that come soon fetched
/// meanwhile.
template <class T, class F>
void for_each_ahead(std::span<T* const> list, F f) {
  constexpr std::size_t ahead = 8;
  const std::size_t count = list.size();
  const auto at = [&](std::size_t i) -> connection& { return static_cast<connection&>(*list[i]); };
  for (std::size_t i = 0; i < std::min(ahead, count); ++i)
    at(i).prefetch();
  for (std::size_t i = 0; i < count; ++i) {
    if (i + ahead < count)
      at(i + ahead).prefetch();
    f(at(i));
  }
}
template <class T, class F>
void for_each_ahead(const std::vector<T*>& list, F f) {
  for_each_ahead(std::span<T* const>(list), std::move(f));
}

} // namespace troupe

// A page of a history as clients are told it. Pure.
#pragma once

#include "troupe/audience/name_record.hpp"

namespace troupe {

/// A page ends at so many bytes of events, and has one at least.
inline constexpr std::size_t history_page_bytes = 256 * 1024;

inline events::history history_of(const name_record& record, const history::question& asked,
                                  history::time_point now) {
  auto page = record.said.read(asked, now);
  const auto& at = record.numbers.at();
  events::history out;
  (record.kind == audience_kind::room ? out.room : out.topic) = record.name;
  out.epoch = at.epoch;
  out.offset = at.offset;
  out.messages = std::move(page.events);
  out.more = page.more;
  return out;
}

} // namespace troupe

// The pure parts of the load generator: what it counts with must itself be right.
#include "bench/load/histogram.hpp"
#include "bench/load/message_template.hpp"
#include "bench/load/sequence_check.hpp"
#include "bench/load/settings.hpp"
#include "bench/load/token.hpp"
#include "bench/load/websocket.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

namespace troupe::bench {
namespace {

TEST(histogram, is_empty_at_first) {
  const auto h = std::make_unique<histogram>();
  EXPECT_EQ(h->count(), 0u);
  EXPECT_EQ(h->quantile(.5), 0u);
  EXPECT_EQ(h->mean(), 0.0);
}

TEST(histogram, counts_small_values_exactly) {
  const auto h = std::make_unique<histogram>();
  for (std::uint64_t v = 1; v <= 200; ++v)
    h->record(v);
  EXPECT_EQ(h->quantile(.5), 100u);
  EXPECT_EQ(h->quantile(.99), 198u);
  EXPECT_EQ(h->quantile(1), 200u);
  EXPECT_DOUBLE_EQ(h->mean(), 100.5);
}

TEST(histogram, quantiles_stay_within_one_percent) {
  const auto h = std::make_unique<histogram>();
  std::mt19937_64 random{7};
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 100'000; ++i) {
    values.push_back(random() >> (24 + random() % 40));
    h->record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double q : {.01, .25, .5, .9, .99, .999}) {
    const auto exact = static_cast<double>(
      values[static_cast<std::size_t>(q * static_cast<double>(values.size()) - 0.5)]);
    EXPECT_NEAR(static_cast<double>(h->quantile(q)), exact, exact * .01 + 1) << q;
  }
  EXPECT_EQ(h->quantile(1), values.back());
}

TEST(histogram, keeps_huge_values_in_its_last_bucket_and_adds_up) {
  const auto a = std::make_unique<histogram>();
  const auto b = std::make_unique<histogram>();
  a->record(5);
  b->record(~std::uint64_t{0});
  a->add(*b);
  EXPECT_EQ(a->count(), 2u);
  EXPECT_EQ(a->max(), ~std::uint64_t{0});
  EXPECT_GE(a->quantile(1), std::uint64_t{1} << 39);
  EXPECT_EQ(a->quantile(.5), 5u);
}

std::string text_of(const run_mark& mark, const token& t) {
  std::string text(token_size, ' ');
  write_token(text.data(), mark, t);
  return text;
}

TEST(token, survives_its_text) {
  const auto mark = make_run_mark(0x2a5f3);
  const token sent{0xffffeeeeddddull, 0xfffffe, 0x123456};
  const auto text = text_of(mark, sent);
  const auto read = read_token(text.data());
  EXPECT_EQ(read.due, sent.due);
  EXPECT_EQ(read.publisher, sent.publisher);
  EXPECT_EQ(read.sequence, sent.sequence);
  EXPECT_EQ(text.find_first_of("\"\\<>& \n"), std::string::npos);
}

TEST(token, is_found_wherever_it_stands) {
  const auto mark = make_run_mark(1);
  const auto text = "~~{\"a\":\"" + text_of(mark, {1, 2, 3}) + "\"}\n{\"~\":1}" +
                    text_of(mark, {1, 2, 4}) + text_of(make_run_mark(2), {1, 2, 9}) + " end";
  std::vector<std::uint32_t> found;
  const auto left =
    for_each_token(text, mark, [&](const token& t) { found.push_back(t.sequence); });
  EXPECT_EQ(found, (std::vector<std::uint32_t>{3, 4}));
  EXPECT_EQ(left, 0u);
}

TEST(token, cut_off_at_the_end_is_left_for_the_next_piece) {
  const auto mark = make_run_mark(1);
  const auto whole = "xx" + text_of(mark, {1, 2, 3});
  for (std::size_t cut = 3; cut < whole.size(); ++cut) {
    const auto left = for_each_token(whole.substr(0, cut), mark, [](const token&) { FAIL(); });
    EXPECT_EQ(left, cut - 2);
  }
}

TEST(message_template, fills_in_and_pads_to_size) {
  const auto mark = make_run_mark(3);
  const message_template t{R"({"room":"{room}","n":{seq},"m":"{time} {pad}"})"};
  std::string out = "before";
  t.expand(out, "r1", mark, {7, 8, 42}, 100);
  EXPECT_EQ(out.size(), 106u);
  EXPECT_TRUE(out.starts_with(R"(before{"room":"r1","n":42,"m":"~)"));
  EXPECT_TRUE(out.ends_with(R"(xx"})"));
  EXPECT_TRUE(t.has_token());
}

TEST(message_template, is_not_cut_when_it_is_longer_than_the_size) {
  std::string out;
  message_template{"{time}{pad}"}.expand(out, "", make_run_mark(3), {}, 5);
  EXPECT_EQ(out.size(), token_size);
}

TEST(message_template, knows_escapes_and_leaves_other_backslashes) {
  EXPECT_EQ(message_template{R"(PING\r\n\x00\xfF\\\"\q{nothing})"}.expand(""),
            std::string("PING\r\n\0\xff\\\\\"\\q{nothing}", 22));
}

TEST(websocket, frames_of_all_lengths_come_back) {
  for (const std::size_t size : {0u, 1u, 125u, 126u, 65'535u, 65'536u}) {
    for (const bool masked : {false, true}) {
      std::string payload(size, 'a');
      for (std::size_t i = 0; i < size; ++i)
        payload[i] = static_cast<char>(i * 7);
      std::string frame;
      append_frame(frame, opcode::text, payload,
                   masked ? std::optional{0x12345678u} : std::nullopt);
      auto head = read_frame_head(frame.data(), frame.size());
      ASSERT_TRUE(head);
      EXPECT_EQ(head->payload_size, size);
      EXPECT_EQ(head->masked, masked);
      EXPECT_EQ(head->head_size + size, frame.size());
      auto body = frame.substr(head->head_size);
      if (masked)
        apply_mask(body.data(), body.size(), head->mask);
      EXPECT_EQ(body, payload);
      for (std::size_t part = 0; part < head->head_size; ++part)
        EXPECT_FALSE(read_frame_head(frame.data(), part)) << part;
    }
  }
}

TEST(websocket, accept_is_the_value_of_the_rfc) {
  EXPECT_EQ(handshake_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(websocket, finds_headers_without_regard_to_case) {
  const std::string_view head =
    "HTTP/1.1 101 Ok\r\nupgrade: websocket\r\nX-Long:  a b \r\nEmpty:\r\n";
  EXPECT_EQ(header_value(head, "Upgrade"), "websocket");
  EXPECT_EQ(header_value(head, "x-long"), "a b");
  EXPECT_EQ(header_value(head, "Empty"), "");
  EXPECT_EQ(header_value(head, "X-Lon"), std::nullopt);
}

TEST(sequence_check, tells_missing_from_doubled_and_late) {
  sequence_check check;
  const auto entry = check.add_entries(2, 0);
  EXPECT_EQ(check.observe(entry, 0), 1u);
  EXPECT_EQ(check.observe(entry, 1), 1u);
  EXPECT_EQ(check.observe(entry, 1), 0u);
  EXPECT_EQ(check.doubled(), 1u);
  EXPECT_EQ(check.observe(entry, 4), 3u);
  EXPECT_EQ(check.missing(), 2u);
  EXPECT_EQ(check.observe(entry, 3), 0u);
  EXPECT_EQ(check.missing(), 1u);
  EXPECT_EQ(check.disordered(), 1u);
  EXPECT_EQ(check.observe(entry, 3), 0u);
  EXPECT_EQ(check.doubled(), 2u);
  EXPECT_EQ(check.observe(entry + 1, 0), 1u);
}

TEST(sequence_check, a_late_comer_begins_anywhere) {
  sequence_check check;
  const auto entry = check.add_entries(1, sequence_check::from_anywhere);
  EXPECT_EQ(check.observe(entry, 17), 1u);
  EXPECT_EQ(check.observe(entry, 18), 1u);
  check.restart(entry);
  EXPECT_EQ(check.observe(entry, 40), 1u);
  EXPECT_EQ(check.missing() + check.doubled() + check.disordered(), 0u);
}

TEST(settings, refuse_what_makes_no_sense) {
  settings s;
  s.mode = "fanout";
  EXPECT_EQ(make_plan(s).groups.front().speech.path, "/ws");
  s.url = "ws://127.0.0.1:9/chat/x";
  EXPECT_EQ(make_plan(s).groups.front().speech.path, "/chat/x");
  for (const auto* url : {"http://127.0.0.1:9", "ws://127.0.0.1:x", "ws://example.org:80"}) {
    s.url = url;
    EXPECT_THROW(make_plan(s), std::invalid_argument) << url;
  }
  s.url = "ws://127.0.0.1:9";
  s.publish = "no token";
  EXPECT_THROW(make_plan(s), std::invalid_argument);
}

} // namespace
} // namespace troupe::bench

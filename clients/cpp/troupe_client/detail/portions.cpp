#include "troupe_client/detail/portions.hpp"

namespace troupe_client::detail {

namespace {

// What a name adds to the text, quotes and commas included; a little more rather than less.
std::size_t bytes_of(const wanted_topic& topic) {
  constexpr std::size_t punctuation = 4;
  constexpr std::size_t position_bytes = 56; // {"epoch":"","offset":} and twenty digits
  auto out = topic.name.size() + punctuation;
  if (topic.recover)
    out += topic.name.size() + topic.recover->epoch.size() + position_bytes;
  return out;
}

class gatherer {
public:
  explicit gatherer(bool presence) : presence_(presence) {}

  void add(const wanted_topic& topic, std::vector<portion>& out) {
    const auto more = bytes_of(topic);
    if (now_.names.size() == portion_names_max || bytes_ + more > portion_bytes_max)
      finish(out);
    if (now_.names.empty()) {
      bytes_ = head_bytes;
      now_.request = {{"type", "subscribe"}};
      if (presence_)
        now_.request["presence"] = true;
    }
    bytes_ += more;
    now_.request["topics"].push_back(topic.name);
    if (topic.recover)
      now_.request["recover"][topic.name] = {{"epoch", topic.recover->epoch},
                                             {"offset", topic.recover->offset}};
    now_.names.push_back(topic.name);
  }

  void finish(std::vector<portion>& out) {
    if (!now_.names.empty())
      out.push_back(std::move(now_));
    now_ = {};
  }

private:
  static constexpr std::size_t head_bytes =
    128; // type, presence, id and what stands around the lists

  bool presence_;
  portion now_{};
  std::size_t bytes_ = 0;
};

} // namespace

std::vector<portion> portions_of(const std::vector<wanted_topic>& wanted) {
  std::vector<portion> out;
  for (const bool presence : {false, true}) {
    gatherer into(presence);
    for (const auto& topic : wanted)
      if (topic.presence == presence)
        into.add(topic, out);
    into.finish(out);
  }
  return out;
}

} // namespace troupe_client::detail

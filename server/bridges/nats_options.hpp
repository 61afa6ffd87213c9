// `[nats]` of the configuration as nats.c takes it. Thread-safe.
#pragma once

#include "server/settings/nats_config.hpp"
#include "troupe/wire/result.hpp"

#include <nats/nats.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// What a connection begins with. Must outlive the connection: nats.c signs with the seed in it.
class nats_options {
public:
  /// An error says what is wrong with the settings or the files they name, without secrets. `known`
  /// are further servers to try, after those of the settings.
  static text_result<std::unique_ptr<nats_options>>
  make(const nats_config& settings, const std::vector<std::string>& known = {});
  ~nats_options();

  natsOptions* get() const { return options_; }

private:
  nats_options() = default;
  text_result<> fill(const nats_config& settings, const std::vector<std::string>& known);
  text_result<> add_identity(const nats_config& settings);
  text_result<> add_tls(const nats_config& settings);

  natsOptions* options_ = nullptr;
  std::string seed_;
};

/// Whether the settings can be used: for the start of the server and for `troupe check`. Nobody
/// else uses nats.c meanwhile.
text_result<> check_nats(const nats_config& settings);

/// `text` (of nats.c, or of NATS) without what nobody may read: a log line can have it.
std::string without_secrets(std::string_view text, const nats_config& settings);

/// What nats.c said, without the place in its sources and without secrets.
std::string nats_words(std::string_view said, const nats_config& settings);

/// What nats.c says of the last error on this thread, without secrets.
std::string nats_error(natsStatus status, const nats_config& settings);

} // namespace troupe

// What a proxy of the maker's service answers to a command, and what that means.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bridge {

/// Commands of the Fleet API that are ever sent.
enum class VehicleCommand : std::uint8_t { charge_start, charge_stop, wake_up };
std::string_view to_text(VehicleCommand);

/// What came back from a proxy.
struct HttpReply {
    int status = 0;                                                  ///< 0: nothing came, see failure
    std::string body = {};                                           ///< at most 64 kB
    std::optional<std::chrono::seconds> retry_after = std::nullopt;  ///< of its header
    std::string failure = {};                                        ///< a sentence why nothing came
};

struct VehicleAnswer {
    enum class Verdict : std::uint8_t {
        accepted,    ///< done, or will be
        already_so,  ///< nothing to do, says the car
        refused,     ///< the car will not, whenever it is asked
        not_now,     ///< the car did not; later perhaps
        asleep,      ///< or out of reach
        rejected,    ///< the token is no good
        too_many,    ///< asked too often
        broken,      ///< the proxy or what is behind it is in trouble
    };
    Verdict verdict = Verdict::broken;
    std::string sentence = {};  ///< printable, short, made for a log
    std::optional<std::chrono::seconds> retry_after = std::nullopt;
    bool operator==(const VehicleAnswer&) const = default;
};

/// Understands tesla-http-proxy, TeslaBleHttpProxy and the Fleet API itself. Anything else is `broken`.
VehicleAnswer understand(VehicleCommand, const HttpReply&);

}  // namespace bridge

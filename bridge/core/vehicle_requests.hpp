// When cars are asked, by way of a proxy, to start or to stop charging: retries that grow rarer, a limit for
// each car and hour, a pause when the proxy is in trouble, and sleep that is respected.
//
// Asks nobody itself: the caller carries out poll() and brings the answer. Whether an answer was true the
// current tells, see observe().
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "bridge/core/vehicle_answer.hpp"
#include "twc/time.hpp"

namespace bridge {

struct VehicleCall {
    std::uint64_t id = 0;
    std::string vin;
    VehicleCommand command = VehicleCommand::charge_stop;
};

class VehicleRequests {
  public:
    /// The car with this VIN, plugged in at this charger, shall start or stop; replaces what it was asked
    /// before.
    void ask(const std::string& charger, const std::string& vin, bool start, twc::TimePoint now);
    /// What is known of the car at this charger; to be called for each once a second at least, and whenever
    /// what it may do has changed.
    struct Sight {
        std::optional<std::string> vin = {};  ///< nothing: no car, or nobody knows which
        bool drawing = false;
        bool may_charge = false;    ///< has an offer
        bool leaves_offer = false;  ///< has had an offer for a while and draws nothing
    };
    void observe(const std::string& charger, const Sight&, twc::TimePoint now);

    /// What to send now. Each is answered once, by handle_answer.
    std::optional<VehicleCall> poll(twc::TimePoint now);
    /// Of a car that has been unplugged or exchanged meanwhile it is not looked at.
    void handle_answer(std::uint64_t id, const HttpReply&, twc::TimePoint now);
    /// TimePoint::max() when there is nothing to wait for.
    [[nodiscard]] twc::TimePoint next_deadline() const;

  private:
    /// What the car of one charger is being asked.
    struct Request {
        std::string vin;
        bool start = false;
        bool held = false;  // a start, while the car may not charge
        bool wake = false;  // before the next try
        bool answered = false;
        int wakes = 0;
        int failures = 0;
        int accepted = 0;  // without effect so far
        twc::TimePoint due = {};
        std::optional<std::uint64_t> call = {};  // under way
    };
    /// Under one plug.
    struct Stay {
        std::string vin;
        int nudges = 0;
        std::optional<twc::TimePoint> nudged = {};
        bool declines = false;  // it has said that it will not
    };

    void nudge(const std::string& charger, Stay&, twc::TimePoint now);
    /// When the car may be asked again for the sake of the limit.
    [[nodiscard]] twc::TimePoint allowed_from(const std::string& vin) const;
    [[nodiscard]] twc::TimePoint earliest(const Request&) const;
    [[nodiscard]] bool busy(const std::string& vin) const;
    /// Returns false when there is nothing more to be asked.
    bool go_on(const std::string& charger, Request&, VehicleCommand, const VehicleAnswer&,
               twc::TimePoint now);
    void trust_proxy(const VehicleAnswer&, twc::TimePoint now);

    std::map<std::string, Request> requests_;  // by charger
    std::map<std::string, Stay> stays_;        // by charger
    std::map<std::uint64_t, VehicleCall> under_way_;
    std::map<std::string, std::deque<twc::TimePoint>> asked_;  // by VIN, within the last hour
    std::uint64_t last_id_ = 0;
    int troubles_ = 0;             // of the proxy, in a row
    twc::TimePoint trusted_from_;  // not before
};

}  // namespace bridge

// One decision: which command a heartbeat carries, from what the unit last said.
#include "twc/wish.hpp"

namespace twc {

namespace {

// States in which a unit takes a limit by command 05 (protocol.md 4.2).
constexpr std::uint8_t ready = 0x00;
constexpr std::uint8_t plugged_in = 0x03;
constexpr std::uint8_t wants_limit = 0x04;
// Answered with command 08 as long as no limit is in force.
constexpr std::uint8_t starting = 0x08;

Command limit_command(const Unit& unit) {
    if (unit.known.protocol == Protocol::v1) return Command::limit_before_charging;
    if (unit.state == starting && unit.limit_in_force == Centiamps{}) return Command::limit_at_start;
    if (unit.state == ready || unit.state == plugged_in || unit.state == wants_limit) {
        return Command::limit_before_charging;
    }
    return Command::limit_while_charging;
}

}  // namespace

bool lowers(const Wish& before, const Wish& after) {
    switch (after.kind) {
        case Wish::Kind::zero:
            return true;
        case Wish::Kind::limit:
            return before.kind == Wish::Kind::limit && after.limit < before.limit;
        case Wish::Kind::withhold:
            return false;
    }
    return false;
}

HeartbeatOrder order_for(const Unit& unit, const Wish& wish) {
    switch (wish.kind) {
        case Wish::Kind::withhold:
            return {};
        case Wish::Kind::zero:
            // Version 2 answers zero with its floor and charges on (protocol.md 8): not a way to stop it.
            if (unit.known.protocol == Protocol::v2) return {};
            return {.command = Command::limit_before_charging, .limit = Centiamps{}};
        case Wish::Kind::limit:
            if (unit.limit_in_force == wish.limit) return {};
            return {.command = limit_command(unit), .limit = wish.limit};
    }
    return {};
}

}  // namespace twc

// One decision: which command a heartbeat carries, from what the unit last said.
#include "twc/wish.hpp"

#include "twc/codes.hpp"

namespace twc {

namespace {

/// States in which a unit takes a limit by command 05 (docs/protocol.md 3).
bool waits_for_limit(std::uint8_t state) {
    return state == codes::state_idle || state == codes::state_connected || state == codes::state_wants_limit;
}

Command limit_command(const Unit& unit) {
    if (unit.known.protocol == Protocol::v1) return Command::limit_before_charging;
    const bool starts_without_limit =
        unit.state == codes::state_starting && unit.limit_in_force == Centiamps{};
    if (starts_without_limit) return Command::limit_at_start;
    return waits_for_limit(unit.state) ? Command::limit_before_charging : Command::limit_while_charging;
}

}  // namespace

bool lowers(const Wish& before, const Wish& after) {
    switch (after.kind) {
        case Wish::Kind::zero:
            return true;
        case Wish::Kind::limit:
            return before.kind == Wish::Kind::limit && after.limit < before.limit;
        case Wish::Kind::withhold:
        case Wish::Kind::silence:
            return false;
    }
    return false;
}

HeartbeatOrder order_for(const Unit& unit, const Wish& wish) {
    switch (wish.kind) {
        case Wish::Kind::withhold:
        case Wish::Kind::silence:
            return {};
        case Wish::Kind::zero:
            // Protocol 2 answers zero with its floor and charges on (docs/protocol.md 3): not a way to stop
            // it.
            if (unit.known.protocol == Protocol::v2) return {};
            return {.command = Command::limit_before_charging, .limit = Centiamps{}};
        case Wish::Kind::limit:
            if (unit.limit_in_force == wish.limit) return {};
            return {.command = limit_command(unit), .limit = wish.limit};
    }
    return {};
}

}  // namespace twc

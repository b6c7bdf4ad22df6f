// Counting, so that neither one damaged frame nor a gateway that delivers late makes a twin.
#include "twc/twins.hpp"

namespace twc {

namespace {

constexpr int returns_that_count = 2;
constexpr int doubles_that_count = 3;
constexpr int answers_in_a_row = 2;  // nothing is late then
/// Slaves start to answer within 50 ms of each other (docs/protocol.md 4); one that repeats itself takes
/// longer.
constexpr Duration close = std::chrono::milliseconds{80};
constexpr Duration memory = std::chrono::minutes{1};

}  // namespace

bool Twins::announced(std::uint8_t sign) {
    if (sign == sign_) return false;
    returns_ = sign == sign_before_ ? returns_ + 1 : 0;
    sign_before_ = sign_;
    sign_ = sign;
    return returns_ >= returns_that_count;
}

void Twins::answered(TimePoint now) {
    ++answers_;
    answered_ = now;
}

bool Twins::answered_again(TimePoint now) {
    if (answers_ < answers_in_a_row || !answered_ || now - *answered_ > close) return false;
    answered_.reset();
    answers_ = 1;
    if (!doubled_since_ || now - *doubled_since_ > memory) {
        doubled_since_ = now;
        doubled_ = 0;
    }
    return ++doubled_ >= doubles_that_count;
}

}  // namespace twc

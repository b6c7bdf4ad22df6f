// Each kind of question keeps its own pace, so that a unit that never answers one is still asked the others.
#include "twc/questions.hpp"

#include <algorithm>

#include "twc/unit.hpp"

namespace twc {

namespace {

constexpr std::array vin_parts{Question::vin_start, Question::vin_middle, Question::vin_end};

Duration doubled(Duration first, int times) {
    Duration pause = first;
    for (int i = 0; i < times && pause < question_retry_longest; ++i) pause *= 2;
    return std::min(pause, question_retry_longest);
}

}  // namespace

void Questions::begin(TimePoint now) {
    *this = Questions{};
    begun_ = now;
    for (Kind& kind : kinds_) kind.wanted = true;
    ask_vin(now);
}

void Questions::ask_vin(TimePoint now) {
    vin_tries_left_ = vin_tries;
    vin_part_ = 0;
    vin_wanted_since_ = vin_due_ = now;
}

bool Questions::vin_absent(TimePoint now) {
    const bool believed = now - vin_wanted_since_ >= absent_vin_patience;
    vin_tries_left_ = believed ? 0 : vin_tries;
    vin_due_ = now + absent_vin_retry;
    return believed;
}

TimePoint Questions::due_at(const Kind& kind, Centiamps drawn) const {
    if (!kind.asked) return begun_;
    if (kind.question != Question::meter) return *kind.asked + doubled(question_retry, kind.unanswered - 1);
    const Duration interval = drawn >= charging_current ? meter_interval_charging : meter_interval;
    return *kind.asked + doubled(interval, kind.unanswered - 1);
}

std::optional<Questions::Due> Questions::next(Centiamps drawn) const {
    std::optional<Due> first;
    const auto consider = [&first](Due due) {
        if (!first || due.since < first->since) first = due;
    };
    for (const Kind& kind : kinds_) {
        if (kind.wanted) consider({.question = kind.question, .since = due_at(kind, drawn)});
    }
    if (vin_tries_left_ > 0) consider({.question = vin_parts.at(vin_part_), .since = vin_due_});
    return first;
}

Questions::Kind* Questions::kind(Question question) {
    const auto found = std::ranges::find(kinds_, question, &Kind::question);
    return found == kinds_.end() ? nullptr : &*found;
}

void Questions::ask_again(Question question) {
    if (Kind* doubted = kind(question)) doubted->asked.reset();
}

void Questions::asked(Question question, TimePoint now) {
    if (Kind* asked_kind = kind(question)) {
        asked_kind->asked = now;
    } else if (vin_part_ == 0) {
        vin_try_begun_ = now;
    }
}

void Questions::answered(Question question) {
    if (Kind* answered_kind = kind(question)) {
        answered_kind->unanswered = 0;
        answered_kind->wanted = question == Question::meter;
    } else if (vin_parts.at(vin_part_) == question) {
        ++vin_part_;
        if (vin_part_ == vin_parts.size()) end_vin_try();
    }
}

void Questions::unanswered(Question question) {
    if (Kind* silent_kind = kind(question)) {
        ++silent_kind->unanswered;
    } else {
        end_vin_try();
    }
}

void Questions::end_vin_try() {
    vin_part_ = 0;
    vin_tries_left_ = std::max(vin_tries_left_ - 1, 0);
    vin_due_ = vin_try_begun_ + vin_retry;
}

}  // namespace twc

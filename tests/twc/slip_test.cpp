// Framing: what is a frame, what is noise, and what a lost byte costs.
#include "twc/slip.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "vectors.hpp"

namespace twc {
namespace {

struct Heard {
    std::vector<Body> bodies;
    std::vector<DecodeError> errors;
};

Heard hear(SlipDecoder& decoder, const std::vector<std::uint8_t>& bytes) {
    Heard heard;
    for (const std::uint8_t byte : bytes) {
        const auto frame = decoder.push(byte);
        if (!frame) continue;
        if (*frame) {
            heard.bodies.push_back(frame->value());
        } else {
            heard.errors.push_back(frame->error());
        }
    }
    return heard;
}

Heard hear(const std::vector<std::uint8_t>& bytes) {
    SlipDecoder decoder;
    return hear(decoder, bytes);
}

const std::string frame = "C0 FD E0 18 39 77 77 01 06 40 06 04 00 00 00 00 70 C0";
const Body body = bytes_of("FD E0 18 39 77 77 01 06 40 06 04 00 00 00 00 70");

Body counting(std::size_t length) {
    Body bytes(length);
    for (std::size_t at = 0; at < length; ++at) bytes[at] = static_cast<std::uint8_t>(at + 1);
    return bytes;
}

TEST(SlipDecoder, DropsWhatStandsBetweenFrames) {
    const auto heard = hear(bytes_of("12 34 " + frame + "FC" + frame + "02 00" + frame + "FE C0 C0" + frame));
    EXPECT_EQ(heard.bodies, (std::vector<Body>{body, body, body, body}));
    EXPECT_TRUE(heard.errors.empty());
}

TEST(SlipDecoder, TakesTheDelimiterAsASeparator) {
    const auto heard = hear(bytes_of(frame + "FD E0 18 39 77 77 01 06 40 06 04 00 00 00 00 70 C0"));
    EXPECT_EQ(heard.bodies, (std::vector<Body>{body, body}));
}

TEST(SlipDecoder, KnowsFramesFromThirteenToTwentyBytes) {
    for (std::size_t length = 1; length <= 22; ++length) {
        const auto heard = hear(slip_encode(counting(length)));
        EXPECT_EQ(heard.bodies.size(), length >= 13 && length <= 20 ? 1U : 0U) << length;
        EXPECT_EQ(heard.errors, length > 20 ? std::vector{DecodeError::length} : std::vector<DecodeError>{})
            << length;
    }
}

TEST(SlipDecoder, ReportsAnEndlessFrameOnceAndRecovers) {
    std::string noise = "C0";
    for (int i = 0; i < 1000; ++i) noise += " 55";
    const auto heard = hear(bytes_of(noise + frame));
    EXPECT_EQ(heard.errors, std::vector{DecodeError::length});
    EXPECT_EQ(heard.bodies, std::vector<Body>{body});
}

TEST(SlipDecoder, ReportsAWrongEscape) {
    EXPECT_EQ(hear(bytes_of("C0 FD E0 18 39 77 77 DB 11 01 06 40 06 04 00 00 00 00 70 C0")).errors,
              std::vector{DecodeError::escape});
    EXPECT_EQ(hear(bytes_of("C0 FD E0 18 39 77 77 01 06 40 06 04 00 00 00 00 DB C0")).errors,
              std::vector{DecodeError::escape});
    EXPECT_TRUE(hear(bytes_of("C0 DB 11 C0")).errors.empty());
}

TEST(SlipDecoder, LostByteCostsAtMostTwoFrames) {
    const auto stream = bytes_of(frame + "FC" + frame + "FC" + frame + "FC" + frame);
    for (std::size_t lost = 0; lost < stream.size(); ++lost) {
        auto damaged = stream;
        damaged.erase(damaged.begin() + static_cast<std::ptrdiff_t>(lost));
        const auto heard = hear(damaged);
        EXPECT_GE(std::count(heard.bodies.begin(), heard.bodies.end(), body), 2) << "without byte " << lost;
    }
}

TEST(SlipDecoder, KnowsThatSomebodyIsTalking) {
    SlipDecoder decoder;
    (void)hear(decoder, bytes_of("C0 FD E0"));
    EXPECT_FALSE(decoder.inside_frame());
    (void)hear(decoder, bytes_of("18"));
    EXPECT_TRUE(decoder.inside_frame());
    (void)hear(decoder, bytes_of("39 C0"));
    EXPECT_FALSE(decoder.inside_frame());
    (void)hear(decoder, bytes_of(frame + "02 00"));
    EXPECT_FALSE(decoder.inside_frame());
}

TEST(SlipDecoder, ForgetsAHalfFrameWhenReset) {
    SlipDecoder decoder;
    (void)hear(decoder, bytes_of("C0 FD E0 18 39"));
    decoder.reset();
    EXPECT_FALSE(decoder.inside_frame());
    EXPECT_EQ(hear(decoder, bytes_of(frame)).bodies, std::vector<Body>{body});
}

TEST(SlipEncode, EscapesBothSpecialBytesAndEndsWithOneMore) {
    EXPECT_EQ(slip_encode(bytes_of("01 C0 02 DB 03")), bytes_of("C0 01 DB DC 02 DB DD 03 C0 FE"));
}

TEST(SlipEncode, IsUndoneByTheDecoder) {
    for (int value = 0; value < 256; ++value) {
        const Body uniform(20, static_cast<std::uint8_t>(value));
        EXPECT_EQ(hear(slip_encode(uniform)).bodies, std::vector<Body>{uniform}) << value;
    }
}

}  // namespace
}  // namespace twc

// Every known frame: decoded whole, byte by byte and after garbage, its fields compared, and encoded back
// where we send it.
#include "twc/codec.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "twc/slip.hpp"
#include "vectors.hpp"

namespace twc {
namespace {

using nlohmann::json;
using Frame = Expected<Body, DecodeError>;

std::vector<Frame> frames_in(const std::vector<std::uint8_t>& bytes) {
    SlipDecoder decoder;
    std::vector<Frame> frames;
    for (const std::uint8_t byte : bytes) {
        if (auto frame = decoder.push(byte)) frames.push_back(std::move(*frame));
    }
    return frames;
}

TwcId id_of(const json& text) { return TwcId::parse(text.get<std::string>()).value(); }
std::uint8_t byte_of(const json& text) { return bytes_of(text.get<std::string>()).at(0); }
Centiamps current_of(const json& amps) {
    return Centiamps{std::int64_t{std::lround(amps.get<double>() * 100)}};
}
std::string version_of(const auto& report) {
    std::string text;
    for (const int part : report.version) text += (text.empty() ? "" : ".") + std::to_string(part);
    return text;
}

// One overload for each message: its fields as the vector tells them.
struct Compare {
    const json& expect;

    void operator()(const MasterLinkReady& message) const {
        EXPECT_EQ(message.round, expect["code"] == "FCE1" ? 1 : 2);
        EXPECT_EQ(message.from, id_of(expect["sender"]));
        EXPECT_EQ(message.sign, byte_of(expect["sign"]));
    }
    void operator()(const SlaveLinkReady& message) const {
        EXPECT_EQ(expect["code"], "FDE2");
        EXPECT_EQ(message.from, id_of(expect["sender"]));
        EXPECT_EQ(message.sign, byte_of(expect["sign"]));
        EXPECT_EQ(message.max_current, current_of(expect["max_amps"]));
        EXPECT_EQ(static_cast<int>(message.protocol), expect["protocol"]);
    }
    void operator()(const MasterHeartbeat& message) const {
        EXPECT_EQ(expect["code"], "FBE0");
        EXPECT_EQ(message.from, id_of(expect["sender"]));
        EXPECT_EQ(message.to, id_of(expect["receiver"]));
        EXPECT_EQ(message.command, byte_of(expect["command"]));
        ASSERT_EQ(message.limit.has_value(), expect.contains("limit"));
        if (message.limit) {
            EXPECT_EQ(*message.limit, current_of(expect["limit"]));
        }
        ASSERT_EQ(message.error_bits.has_value(), expect.contains("error_bits"));
        if (message.error_bits) {
            EXPECT_EQ(*message.error_bits, byte_of(expect["error_bits"]));
        }
        EXPECT_EQ(message.master_plugged, expect["master_plugged"]);
    }
    void operator()(const SlaveHeartbeat& message) const {
        EXPECT_EQ(expect["code"], "FDE0");
        EXPECT_EQ(message.from, id_of(expect["sender"]));
        EXPECT_EQ(message.to, id_of(expect["receiver"]));
        EXPECT_EQ(message.state, byte_of(expect["state"]));
        EXPECT_EQ(message.limit, current_of(expect["limit"]));
        EXPECT_EQ(message.drawn, current_of(expect["drawn"]));
    }
    void operator()(const Query& message) const {
        EXPECT_EQ(static_cast<int>(message.question), bytes_of(expect["code"]).at(1));
        EXPECT_EQ(expect["code"].get<std::string>().substr(0, 2), "FB");
        EXPECT_EQ(message.from, id_of(expect["sender"]));
        EXPECT_EQ(message.to, id_of(expect["receiver"]));
    }
    void operator()(const MeterReport& message) const {
        EXPECT_EQ(expect["code"], "FDEB");
        EXPECT_EQ(message.from, id_of(expect["sender"]));
        EXPECT_EQ(message.lifetime.count(), expect["kwh"]);
        for (std::size_t phase = 0; phase < 3; ++phase)
            EXPECT_EQ(message.volts.at(phase).count(), expect["volts"][phase]);
        ASSERT_EQ(message.currents.has_value(), !expect["amps"].is_null());
        if (!message.currents) return;
        for (std::size_t phase = 0; phase < 3; ++phase) {
            EXPECT_EQ(message.currents->at(phase), current_of(expect["amps"][phase]));
        }
    }
    void operator()(const FirmwareReport& message) const {
        EXPECT_EQ(expect["code"], "FDEC");
        EXPECT_EQ(message.from, id_of(expect["sender"]));
        EXPECT_EQ(version_of(message), expect["firmware"].get<std::string>());
    }
    void operator()(const SerialReport& message) const {
        EXPECT_EQ(expect["code"], "FDED");
        EXPECT_EQ(message.from, id_of(expect["sender"]));
        EXPECT_EQ(message.serial, expect["serial"].get<std::string>());
    }
    void operator()(const VinReport& message) const {
        EXPECT_EQ(static_cast<int>(message.part), bytes_of(expect["code"]).at(1));
        EXPECT_EQ(message.from, id_of(expect["sender"]));
        EXPECT_EQ(message.text, expect["vin_part"].get<std::string>());
    }
    void operator()(const ContactorCommand& message) const {
        EXPECT_EQ(message.close ? "FCB1" : "FCB2", expect["code"]);
        EXPECT_EQ(message.from, id_of(expect["sender"]));
        EXPECT_EQ(message.to, id_of(expect["receiver"]));
    }
    void operator()(const ContactorReply& message) const {
        EXPECT_EQ(message.close ? "FDB1" : "FDB2", expect["code"]);
        EXPECT_EQ(message.from, id_of(expect["sender"]));
    }
    void operator()(const MasterIdle&) const { EXPECT_EQ(expect["code"], "FC1D"); }
    void operator()(const OldQuery& message) const {
        EXPECT_EQ(static_cast<int>(message.question), bytes_of(expect["code"]).at(1));
        EXPECT_EQ(expect["code"].get<std::string>().substr(0, 2), "FB");
    }
    void operator()(const OldTextReport& message) const {
        EXPECT_EQ(static_cast<int>(message.question), bytes_of(expect["code"]).at(1));
        EXPECT_EQ(message.text, expect["model"].get<std::string>());
    }
    void operator()(const OldFirmwareReport& message) const {
        EXPECT_EQ(expect["code"], "FD1B");
        EXPECT_EQ(version_of(message), expect["firmware"].get<std::string>());
    }
    void operator()(const PlugQuery& message) const {
        EXPECT_EQ(expect["code"], "FBB4");
        EXPECT_EQ(message.from, id_of(expect["sender"]));
        EXPECT_EQ(message.to, id_of(expect["receiver"]));
    }
    void operator()(const PlugReport& message) const {
        EXPECT_EQ(expect["code"], "FDB4");
        EXPECT_EQ(message.from, id_of(expect["sender"]));
        EXPECT_EQ(message.plug, byte_of(expect["plug"]));
    }
    void operator()(const Unknown& message) const {
        for (const char* known :
             {"FC1D", "FB19", "FB1A", "FB1B", "FBB4", "FD19", "FD1A", "FD1B", "FDB4", "FCE1",
              "FBE2", "FDE2", "FBE0", "FDE0", "FBEB", "FBEC", "FBED", "FBEE", "FBEF", "FBF1",
              "FDEB", "FDEC", "FDED", "FDEE", "FDEF", "FDF1", "FCB1", "FCB2", "FDB1", "FDB2"}) {
            EXPECT_NE(expect["code"], known);
        }
        EXPECT_EQ(message.body.at(0), bytes_of(expect["code"]).at(0));
        EXPECT_EQ(message.body.at(1), bytes_of(expect["code"]).at(1));
    }
};

void expect_frame(const std::vector<Frame>& frames, const json& expect) {
    if (expect.contains("error") && expect["error"].is_null()) {
        EXPECT_TRUE(frames.empty()) << "too short to be a frame";
        return;
    }
    ASSERT_EQ(frames.size(), 1U);
    if (expect.contains("error") && expect["error"] == "escape") {
        ASSERT_FALSE(frames[0].has_value());
        EXPECT_EQ(frames[0].error(), DecodeError::escape);
        return;
    }
    ASSERT_TRUE(frames[0].has_value());
    EXPECT_EQ(frames[0]->size(), expect["body_length"]);
    const auto message = decode(*frames[0]);
    if (expect.contains("error")) {
        ASSERT_FALSE(message.has_value());
        EXPECT_EQ(to_text(message.error()), expect["error"]);
        return;
    }
    ASSERT_TRUE(message.has_value()) << to_text(message.error());
    std::visit(Compare{expect}, *message);
}

TEST(Vectors, AreAllThere) { EXPECT_GE(vectors().size(), 190U); }

TEST(Vectors, AreUnderstood) {
    for (const auto& vector : vectors()) {
        SCOPED_TRACE(vector.dump());
        expect_frame(frames_in(bytes_of(vector["hex"])), vector["expect"]);
    }
}

TEST(Vectors, AreUnderstoodAfterGarbage) {
    for (const std::string garbage :
         {"FC", "02 00", "C0 7C 00", "C0 FD E0 18 39 77 77 01", "DB", "C0 DB", "DB DC DB"}) {
        for (const auto& vector : vectors()) {
            SCOPED_TRACE(garbage + " before " + vector.dump());
            expect_frame(frames_in(bytes_of(garbage + vector["hex"].get<std::string>())), vector["expect"]);
        }
    }
}

TEST(Vectors, NeverReadBeyondTheirEndHoweverTheyAreCut) {
    for (const auto& vector : vectors()) {
        for (const auto& frame : frames_in(bytes_of(vector["hex"]))) {
            if (!frame) continue;
            for (std::size_t length = 0; length < frame->size(); ++length) {
                Body cut{frame->begin(), frame->begin() + static_cast<std::ptrdiff_t>(length)};
                if (length < shortest_body) {
                    ASSERT_FALSE(decode(cut).has_value());
                    EXPECT_EQ(decode(cut).error(), DecodeError::length);
                    continue;
                }
                unsigned sum = 0;
                for (std::size_t at = 1; at + 1 < length; ++at) sum += cut[at];
                cut.back() = static_cast<std::uint8_t>(sum);
                const auto message = decode(cut);
                if (!message) {
                    EXPECT_EQ(message.error(), DecodeError::length);
                }
            }
        }
    }
}

/// The same frame of another sender.
Body from_somebody_else(Body frame) {
    frame.at(3) ^= 1U;
    std::uint8_t checksum = 0;
    for (std::size_t at = 1; at + 1 < frame.size(); ++at)
        checksum = static_cast<std::uint8_t>(checksum + frame[at]);
    frame.back() = checksum;
    return frame;
}

TEST(Vectors, MeanTheSameEachTimeAndSomethingElseFromAnotherSender) {
    for (const auto& vector : vectors()) {
        for (const auto& frame : frames_in(bytes_of(vector["hex"]))) {
            if (!frame || !decode(*frame)) continue;
            const auto message = decode(*frame);
            EXPECT_TRUE(*decode(*frame) == *message) << vector.dump();
            const auto names_sender =
                std::visit([](const auto& kind) { return requires { kind.from; }; }, *message);
            const auto other = decode(from_somebody_else(*frame));
            ASSERT_TRUE(other.has_value()) << vector.dump();
            EXPECT_TRUE(!names_sender || *other != *message) << vector.dump();
        }
    }
}

TEST(Vectors, WithOneBitFlippedBehindTheirFirstByteAreRefused) {
    for (const auto& vector : vectors()) {
        for (const auto& frame : frames_in(bytes_of(vector["hex"]))) {
            if (!frame || !decode(*frame)) continue;
            for (std::size_t bit = 8; bit < frame->size() * 8; ++bit) {
                Body flipped = *frame;
                flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
                const auto message = decode(flipped);
                ASSERT_FALSE(message.has_value()) << vector.dump() << " bit " << bit;
                EXPECT_EQ(message.error(), DecodeError::checksum);
            }
        }
    }
}

// What we would send for a decoded message of ours; nothing for what we never send.
struct EncodeBack {
    std::size_t length;

    std::optional<Body> operator()(const MasterHeartbeat& message) const {
        for (const Command command : {Command::none, Command::limit_before_charging, Command::limit_at_start,
                                      Command::limit_while_charging}) {
            if (message.command != static_cast<std::uint8_t>(command)) continue;
            return encode_heartbeat(message.from, message.to, length == 14 ? Protocol::v1 : Protocol::v2,
                                    {.command = command, .limit = message.limit.value_or(0_A)});
        }
        return std::nullopt;
    }
    std::optional<Body> operator()(const MasterLinkReady& message) const {
        return encode_link_ready(message.round, message.from, message.sign);
    }
    std::optional<Body> operator()(const Query& message) const { return encode(message); }
    std::optional<Body> operator()(const ContactorCommand& message) const { return encode(message); }
    std::optional<Body> operator()(const auto&) const { return std::nullopt; }
};

TEST(Vectors, ThatWeSendAreEncodedBack) {
    int encoded = 0;
    for (const auto& vector : vectors()) {
        for (const auto& frame : frames_in(bytes_of(vector["hex"]))) {
            if (!frame) continue;
            const auto message = decode(*frame);
            if (!message || vector["expect"].value("master_plugged", false)) continue;
            const auto body = std::visit(EncodeBack{frame->size()}, *message);
            if (!body || body->size() != frame->size()) continue;     // other senders use other lengths
            if (frame->at(1) == 0xE1 && frame->at(5) != 0) continue;  // some announce a rating, we do not
            EXPECT_EQ(*body, *frame) << vector.dump();
            ++encoded;
        }
    }
    EXPECT_GE(encoded, 40);
}

TEST(Vectors, ThatMustNeverBeSentMeanNothingToUs) {
    int found = 0;
    for (const auto& vector : vectors()) {
        if (!vector.value("never_send", false)) continue;
        const auto frame = frames_in(bytes_of(vector["hex"])).at(0);
        EXPECT_TRUE(std::holds_alternative<Unknown>(*decode(*frame))) << vector.dump();
        ++found;
    }
    EXPECT_EQ(found, 2);
}

TEST(Decode, RefusesLengthsAMessageDoesNotHave) {
    EXPECT_EQ(decode(bytes_of("FD E2 18 39 52 0C 80 00 00 00 00 00 00 00 11")).error(), DecodeError::length);
    EXPECT_EQ(decode(bytes_of("FD E0 18 39 77 77 00 00 00 00 00 00 1F")).error(), DecodeError::length);
    EXPECT_EQ(decode(Body(12, 0)).error(), DecodeError::length);
    EXPECT_EQ(decode(Body(21, 0)).error(), DecodeError::length);
    EXPECT_EQ(decode({}).error(), DecodeError::length);
}

TEST(Decode, ReadsTheOldSerialWithoutAnId) {
    const auto message = decode(bytes_of("FD 19 41 31 38 47 30 30 30 35 38 39 33 00 00 73"));
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(*message, Message{(OldTextReport{OldQuestion::serial, "A18G0005893"})});
}

TEST(EncodeHeartbeat, CarriesTheLimitOnlyWithACommand) {
    EXPECT_EQ(encode_heartbeat(TwcId{0x7777}, TwcId{0x2118}, Protocol::v2,
                               {.command = Command::none, .limit = 16_A}),
              bytes_of("FB E0 77 77 21 18 00 00 00 00 00 00 00 00 00 07"));
    EXPECT_EQ(encode_heartbeat(TwcId{0x7777}, TwcId{0x022C}, Protocol::v1,
                               {.command = Command::limit_before_charging, .limit = 22_A}),
              bytes_of("FB E0 77 77 02 2C 05 08 98 00 00 00 00 A1"));
}

TEST(EncodeHeartbeat, RefusesLimitsTheFieldCannotCarry) {
    const auto encode_limit = [](Centiamps limit) {
        return encode_heartbeat(TwcId{0x7777}, TwcId{0x2118}, Protocol::v2,
                                {.command = Command::limit_while_charging, .limit = limit});
    };
    EXPECT_THROW((void)encode_limit(Centiamps{-1}), std::out_of_range);
    EXPECT_THROW((void)encode_limit(Centiamps{65536}), std::out_of_range);
    EXPECT_EQ(encode_limit(Centiamps{65535}).at(8), 0xFF);
}

}  // namespace
}  // namespace twc

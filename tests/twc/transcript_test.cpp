// Frames in texts as loggers and dump programs write them, whole and in pieces of any size.
#include "twc/transcript.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "vectors.hpp"

namespace twc {
namespace {

std::vector<Sighting> read(const std::string& text) {
    Transcript transcript;
    auto found = transcript.push(text);
    for (auto& sighting : transcript.finish()) found.push_back(std::move(sighting));
    return found;
}

/// Bodies in hex, with the error behind those that have linkready.
std::vector<std::string> bodies_in(const std::string& text) {
    std::vector<std::string> bodies;
    for (const auto& sighting : read(text)) {
        std::string shown;
        for (const std::uint8_t byte : sighting.body) shown += TwcId{byte}.text().substr(2);
        if (!sighting.message) shown += std::string{" "} + to_text(sighting.message.error());
        bodies.push_back(shown);
    }
    return bodies;
}

using Found = std::vector<std::string>;

const Found linkready{"fde21839520c80000000000000000011"};
const std::string spaced = "FD E2 18 39 52 0C 80 00 00 00 00 00 00 00 00 11";

TEST(Transcript, FindsFramesHoweverTheirBytesAreWritten) {
    for (const std::string text :
         {"C0 FD E2 18 39 52 0C 80 00 00 00 00 00 00 00 00 11 C0 FF",
          "c0fde21839520c80000000000000000011c0ff", "FDE2 1839 520C 8000 0000 0000 0000 0011",
          "0xFD, 0xE2, 0x18, 0x39, 0x52, 0x0C, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x11",
          R"(\xfd\xe2\x18\x39\x52\x0c\x80\x00\x00\x00\x00\x00\x00\x00\x00\x11)",
          "FD-E2-18-39-52-0C-80-00-00-00-00-00-00-00-00-11",
          "[12:34:56][D][uart_debug:158]: <<< C0:FD:E2:18:39:52:0C:80:00:00:00:00:00:00:00:00:11:C0:FC",
          "(1609459200.123456) can0 123#FDE21839520C80000000000000000011",
          "Recieved Packet: fde21839520c80000000000000000011\r"}) {
        EXPECT_EQ(bodies_in(text), linkready) << text;
    }
}

TEST(Transcript, NeedsNoDelimiterAndTakesNoTimeForBytes) {
    EXPECT_EQ(bodies_in("Rx@07:53:37: () " + spaced), linkready);
    EXPECT_EQ(bodies_in("2020-12-14 06:12:16,589 - TWCManager 09 Rx@: (FC) " + spaced), linkready);
    EXPECT_EQ(bodies_in("16:31:47.556 (+42.757) ignored-before: (FC) " + spaced), linkready);
    EXPECT_EQ(bodies_in("10:48:41: *** UNKNOWN MESSAGE FROM SLAVE:" + spaced), linkready);
    EXPECT_EQ(bodies_in("06:12:16 " + spaced + " 12:13:14"), linkready);
    EXPECT_EQ(bodies_in("12 " + spaced), linkready);
}

TEST(Transcript, DropsArtefactsAroundFrames) {
    EXPECT_EQ(bodies_in("Rx@07:53:28: () " + spaced + " FF"), linkready);
    EXPECT_EQ(bodies_in("FC " + spaced), linkready);
    EXPECT_EQ(bodies_in("FC C0 " + spaced + " C0 02 00 C0 " + spaced + " C0 FE"),
              (Found{linkready[0], linkready[0]}));
}

TEST(Transcript, KeepsDelimitersAndEscapesThatAreBytesOfAnUnescapedFrame) {
    // 48.00 A, and a checksum of DB.
    EXPECT_EQ(bodies_in("Rx@: (FC) FD E0 24 33 77 77 01 12 C0 12 00 00 00 00 00 0A"),
              Found{"fde0243377770112c01200000000000a"});
    EXPECT_EQ(bodies_in("FD EF 79 73 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 DB"),
              Found{"fdef7973000000000000000000000000000000db"});
    EXPECT_EQ(bodies_in("FD EF 79 73 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 DB DD"),
              Found{"fdef7973000000000000000000000000000000db"});
}

TEST(Transcript, ShowsBadFramesWithTheirError) {
    EXPECT_EQ(bodies_in("C0 FD E0 18 39 77 77 01 06 40 C0"), Found{"fde018397777010640 length"});
    EXPECT_EQ(bodies_in("Rx@: (FC) FD E0 18 39 77 77 01 06 40"), Found{"fde018397777010640 length"});
    EXPECT_EQ(bodies_in("C0 7C 00 C0"), Found{"7c00 length"});
    EXPECT_EQ(bodies_in("FD E0 18 39 77 77 01 06 40 06 04 00 00 00 00 71"),
              Found{"fde01839777701064006040000000071 checksum"});
    EXPECT_EQ(bodies_in("C0 FD E0 18 39 77 77 DB 11 01 06 40 06 04 00 00 00 00 70 C0"),
              Found{"fde018397777db1101064006040000000070 escape"});
    EXPECT_EQ(bodies_in("C0 FD E0 18 C0 " + spaced + " C0"), (Found{"fde018 length", linkready[0]}));
    EXPECT_EQ(bodies_in(spaced + " 22 33 44 55 66 77 88 99"), linkready) << "what follows is no frame";
}

TEST(Transcript, ShowsUnknownFrames) {
    EXPECT_EQ(bodies_in("C0 FB A4 18 39 00 00 00 00 00 00 00 00 00 00 00 F5 C0"),
              Found{"fba418390000000000000000000000f5"});
    EXPECT_EQ(bodies_in("FB A4 18 39 00 00 00 00 00 00 00 00 00 00 00 F5").size(), 1U);
    EXPECT_EQ(bodies_in("C0 12 34 56 78 9A BC DE F0 12 34 56 78 00 C0"),
              Found{"123456789abcdef01234567800 checksum"});
}

TEST(Transcript, TakesTalkAboutFramesForTalk) {
    for (const std::string text :
         {"", "\n\n", "FDEB, FBEB, FDEB, FDEC, FBEC", "FD EB, FB EB, FD EB, FD EC", "an FC E1 or FB E2",
          "Master heartbeat contains error 5: 02 05 00 00 00 00 00 00 00",
          "Slave TWC 2388 reported VIN data: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00.",
          "2020-12-14 06:12:16,624 - SHB 2433: 08 03.54/20.00A 0000 0000  M: 09 00.00/16.00A 0000 0000",
          "link/ether fc:ec:da:12:34:56 brd ff:ff:ff:ff:ff:ff", "New charger. ID: 2587, Sign: ae",
          "md5 d41d8cd98f00b204e9800998ecf8427e", "C0", "C0 C0 C0", "C0 FC", "(FC)"}) {
        EXPECT_EQ(bodies_in(text), Found{}) << text;
    }
}

TEST(Transcript, JoinsFramesThatADumpSplits) {
    const std::string hexdump =
        "00000000  fc c0 fd e2 18 39 52 0c  80 00 00 00 00 00 00 00  |.....9R.........|\n"
        "00000010  00 11 c0 fc c0 fd e2 18  39 52 0c 80 00 00 00 00  |........9R......|\n"
        "00000020  00 00 00 00 11 c0                                 |......|\n"
        "00000026\n";
    EXPECT_EQ(bodies_in(hexdump), (Found{linkready[0], linkready[0]}));
    const std::string xxd =
        "00000000: fcc0 fde2 1839 520c 8000 0000 0000 0000  .....9R.........\n"
        "00000010: 0011 c0fc                                ....\n";
    EXPECT_EQ(bodies_in(xxd), linkready);
    EXPECT_EQ(bodies_in("c0fde21839520c80\n000000000000\n000011c0\n"), linkready);
    EXPECT_EQ(bodies_in("[12:34:56][D][uart_debug:158]: <<< C0:FD:E2:18:39:52:0C:80\n"
                        "[12:34:57][D][uart_debug:158]: <<< 00:00:00:00:00:00:00:00:11:C0\n"),
              linkready);
}

TEST(Transcript, JoinsNothingElse) {
    EXPECT_EQ(bodies_in("Tx@07:53:28: C0 FD E2 18 39 [cut]\nRx@07:53:29: () " + spaced),
              (Found{"fde21839 length", linkready[0]}));
    EXPECT_EQ(bodies_in("Tx@07:53:28: C0 FD E2 18 39 52\nTWC 0C 80 00\n00 11 C0"),
              Found{"fde2183952 length"});
    EXPECT_EQ(bodies_in("Rx: FD E2 18 39 52 0C 80 00 00\nRx: 00 00 00 00 00 00 11"),
              Found{"fde21839520c800000 length"});
    EXPECT_EQ(bodies_in("Tx: C0 " + spaced + "\nRx: " + spaced), (Found{linkready[0], linkready[0]}));
}

TEST(Transcript, TellsTimeDirectionAndBus) {
    const auto facts = [](const std::string& before) {
        const auto found = read(before + spaced);
        return found.size() == 1 ? found[0].facts : LineFacts{"not found", "", std::nullopt};
    };
    using enum Direction;
    EXPECT_EQ(facts(""), (LineFacts{"", "", std::nullopt}));
    EXPECT_EQ(facts("Tx@07:53:28: "), (LineFacts{"07:53:28", "", sent}));
    EXPECT_EQ(facts("2020-12-14 06:12:16,589 - TWCManager 09 Rx@: (FC) "),
              (LineFacts{"2020-12-14 06:12:16,589", "", received}));
    EXPECT_EQ(facts("[12:34:56][D][uart_debug:158]: >>> "), (LineFacts{"12:34:56", "", sent}));
    EXPECT_EQ(facts("Recieved Packet: "), (LineFacts{"", "", received}));
    EXPECT_EQ(facts("(1609459200.123456) rs485 RX "), (LineFacts{"1609459200.123456", "", received}));
    EXPECT_EQ(facts("2026-07-01T10:00:00.123Z rx "), (LineFacts{"2026-07-01T10:00:00.123Z", "", received}));
    EXPECT_EQ(facts("2026-07-01T10:00:00.123Z garage-2 tx "),
              (LineFacts{"2026-07-01T10:00:00.123Z", "garage-2", sent}));
    EXPECT_EQ(facts("2026-07-01T12:00:00.123+02:00 "),
              (LineFacts{"2026-07-01T12:00:00.123+02:00", "", std::nullopt}));
}

TEST(Transcript, FindsTheSameInPiecesOfAnySize) {
    std::string text;
    for (const auto& vector : vectors()) {
        text += "Tx@07:53:28: " + vector["hex"].get<std::string>() + "\r\n";
    }
    const auto whole = bodies_in(text);
    EXPECT_EQ(whole.size(), vectors().size());
    for (const std::size_t size : {1U, 2U, 3U, 7U, 64U, 4096U}) {
        Transcript transcript;
        std::vector<Sighting> found;
        for (std::size_t at = 0; at < text.size(); at += size) {
            for (auto& sighting : transcript.push(text.substr(at, size)))
                found.push_back(std::move(sighting));
        }
        EXPECT_TRUE(transcript.finish().empty());
        EXPECT_EQ(found.size(), whole.size()) << size;
    }
}

TEST(Transcript, FindsEveryFrameOfALineWithoutEnd) {
    for (const std::string separator : {"", " ", ":"}) {
        for (const std::string delimited : {"C0", ""}) {
            const std::string delimiters = delimited.empty() ? "" : separator + delimited + separator + "FC";
            std::string text;
            std::string whole = delimited + (delimited.empty() ? "" : separator);
            for (std::size_t at = 0; at < spaced.size(); at += 3)
                whole += spaced.substr(at, 2) + (at + 3 < spaced.size() ? separator : "");
            whole += delimiters;
            constexpr std::size_t count = 5'000;
            for (std::size_t i = 0; i < count; ++i) text += whole + separator;
            const auto found = bodies_in(text);
            EXPECT_EQ(found.size(), count) << whole;
            EXPECT_EQ(std::ranges::count(found, linkready[0]), static_cast<std::ptrdiff_t>(count)) << whole;
        }
    }
}

TEST(Transcript, SurvivesGarbage) {
    std::mt19937 random{1};
    std::string text;
    for (int i = 0; i < 300'000; ++i) text += static_cast<char>(random());
    (void)read(text);
    text.clear();
    const std::string alphabet = "C0FDE:\n xB 12|";
    for (int i = 0; i < 300'000; ++i) text += alphabet[random() % alphabet.size()];
    (void)read(text);
    EXPECT_EQ(bodies_in(text + "\n" + spaced + "\n").back(), linkready[0]);
}

}  // namespace
}  // namespace twc

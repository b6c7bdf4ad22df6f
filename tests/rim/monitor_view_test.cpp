// What a person sees of a bridge, line by line.
#include "bridge/monitor_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "bridge/cells.hpp"

namespace bridge {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

constexpr twc::TimePoint noon{1h};

using Said = std::vector<std::pair<std::string, std::string>>;

/// Connected at `noon`, and told this just then, live.
MonitorState told(const Said& said) {
    MonitorState state{"mqtt://broker:1883", "twcbridge"};
    state.set_link(true, "connected", noon);
    for (const auto& [topic, payload] : said) state.hear({"twcbridge/" + topic, payload, false}, noon);
    return state;
}

Said site() {
    return {{"status", "online"},      {"rs485", "online"},     {"mode", "solar"},
            {"input_stale", "OFF"},    {"solar_power", "4544"}, {"house_power", "150"},
            {"surplus_power", "4394"}, {"total_limit", "20"},   {"grid_reserve", "0"},
            {"offered_current", "19"}, {"current", "18.64"},    {"power", "4287"},
            {"energy", "130.02"},      {"problem", "OFF"}};
}

Said charger(const std::string& key) {
    const auto topic = "charger/" + key + '/';
    return {{topic + "status", "online"},       {topic + "state", "charging"},
            {topic + "offered_current", "9.5"}, {topic + "limit_in_force", "9.7"},
            {topic + "current", "9.32"},        {topic + "limit", "16"},
            {topic + "power", "2143"},          {topic + "mode", "site"},
            {topic + "charge", "ON"},           {topic + "priority", "5"},
            {topic + "fault", "OFF"},           {topic + "session_energy", "1.25"},
            {topic + "energy", "130.02"},       {topic + "voltage_l1", "230"},
            {topic + "vehicle_vin", "None"},    {topic + "reason", "following the surplus"}};
}

Said operator+(Said first, const Said& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

std::vector<std::string> texts(const MonitorState& state, std::size_t width = 80,
                               twc::TimePoint now = noon + 3s) {
    std::vector<std::string> result;
    for (const auto& line : render(state, width, now)) {
        EXPECT_LE(cells(line.text), width) << line.text;
        result.push_back(line.text);
    }
    return result;
}

TEST(MonitorView, ShowsSiteAndChargersInEightyColumns) {
    auto state = told(site() + charger("5893") + charger("0417"));
    state.names = {{"5893", "Garage"}, {"0417", "Carport behind the old barn"}};
    EXPECT_THAT(
        texts(state),
        ElementsAre("twcbridge at mqtt://broker:1883, topics below twcbridge",  //
                    "",                                                         //
                    "bridge online   bus online   mode solar   solar values fresh",
                    "solar 4544 W (3s)   house 150 W (3s)   surplus 4394 W (3s)",
                    "limit 20 A   reserve 0 W   offered 19 A   drawn 18.64 A   4287 W   130.02 kWh",
                    "",  //
                    "charger         state      offered  in force    drawn    limit    power  changed",
                    "0417 Carport …  charging     9.5 A     9.7 A   9.32 A     16 A   2143 W       3s",
                    "     following the surplus (3s)", "     session 1.25 kWh   in all 130.02 kWh   230 V",
                    "5893 Garage     charging     9.5 A     9.7 A   9.32 A     16 A   2143 W       3s",
                    "     following the surplus (3s)", "     session 1.25 kWh   in all 130.02 kWh   230 V"));
}

TEST(MonitorView, SaysWhatIsNotKnownWithADash) {
    EXPECT_THAT(
        texts(told({{"status", "online"}, {"charger/5893/status", "online"}})),
        ElementsAre("twcbridge at mqtt://broker:1883, topics below twcbridge",  //
                    "",                                                         //
                    "bridge online   bus -   mode -   solar values -",          //
                    "solar -   house -   surplus -",
                    "limit -   reserve -   offered -   drawn -   -   -",  //
                    "", "charger         state      offered  in force    drawn    limit    power  changed",
                    "5893            -                -         -        -        -        -       3s",
                    "     -"));
}

TEST(MonitorView, SaysWhenThereIsNoWallConnector) {
    EXPECT_EQ(texts(told(site())).back(), "no wall connector is known yet");
}

TEST(MonitorView, ShowsOwnSettingsOfAChargerOnlyWhereTheyDiffer) {
    const auto plain = texts(told(site() + charger("5893")));
    EXPECT_THAT(plain, Not(Contains(HasSubstr("priority"))));
    const auto special = texts(told(site() + charger("5893") +
                                    Said{{"charger/5893/mode", "fast"},
                                         {"charger/5893/charge", "OFF"},
                                         {"charger/5893/priority", "8"},
                                         {"charger/5893/voltage_l2", "231"},
                                         {"charger/5893/voltage_l3", "0"},
                                         {"charger/5893/current_l1", "9.5"},
                                         {"charger/5893/max_current", "32"},
                                         {"charger/5893/vehicle_vin", "5YJ3E7EB1KF022675"}}));
    EXPECT_THAT(special, Contains("     mode fast   switched off   priority 8   session 1.25 kWh"));
    EXPECT_THAT(special, Contains("     in all 130.02 kWh   230/231/0 V   9.5 A   rated 32 A"));
    EXPECT_THAT(special, Contains("     VIN 5YJ3E7EB1KF022675"));
}

TEST(MonitorView, WrapsAProblemAndShowsItAsAnAlarm) {
    const auto state =
        told(site() + Said{{"problem", "ON"},
                           {"problem_reason",
                            "wall connector 5893 is in master position: set its rotary switch to F"}});
    const auto page = render(state, 60, noon + 130s);
    EXPECT_THAT(
        page, Contains(Line{"PROBLEM: wall connector 5893 is in master position: set its", Emphasis::alarm}));
    EXPECT_THAT(page, Contains(Line{"rotary switch to F (2m)", Emphasis::alarm}));
}

TEST(MonitorView, SaysThatSolarValuesAreTooOld) {
    EXPECT_THAT(texts(told(site() + Said{{"input_stale", "ON"}})),
                Contains("bridge online   bus online   mode solar   solar values missing or too old"));
}

TEST(MonitorView, ShowsASilentChargerAndAFaultAsAlarms) {
    const auto state =
        told(site() + charger("0417") + Said{{"charger/0417/status", "offline"}} + charger("5893") +
             Said{{"charger/5893/fault", "ON"}, {"charger/5893/raw_state", "02"}});
    const auto page = render(state, 80, noon);
    EXPECT_THAT(page, Contains(AllOf(Field(&Line::text, testing::StartsWith("0417            offline ")),
                                     Field(&Line::emphasis, Emphasis::alarm))));
    EXPECT_THAT(page, Contains(Line{"     the wall connector reports a fault, state 02", Emphasis::alarm}));
}

TEST(MonitorView, SaysThatTheBridgeIsAway) {
    EXPECT_EQ(texts(told(site() + Said{{"status", "offline"}}))[1],
              "the bridge is offline (3s); what is shown is older");
}

TEST(MonitorView, SaysThatNoBridgeHasSpoken) {
    EXPECT_THAT(texts(told({{"input/generation", "300"}, {"mode/set", "fast"}, {"charger/5893/x/y", "1"}})),
                ElementsAre("twcbridge at mqtt://broker:1883, topics below twcbridge",
                            "no bridge has spoken here yet"));
}

TEST(MonitorView, SaysThatTheBrokerIsAwayAndSinceWhen) {
    MonitorState state{"mqtt://broker:1883", "twcbridge"};
    EXPECT_EQ(texts(state)[1], "waiting for the broker");
    state.set_link(false, "cannot reach the broker", noon);
    state.set_link(false, "cannot reach the broker", noon + 60s);
    EXPECT_EQ(texts(state, 80, noon + 61s)[1], "cannot reach the broker (61s)");
    state = told(site());
    state.set_link(false, "lost the connection", noon + 1s);
    EXPECT_EQ(texts(state)[1], "lost the connection (2s); what is shown is older");
    EXPECT_THAT(texts(state), Contains("solar 4544 W (3s)   house 150 W (3s)   surplus 4394 W (3s)"));
}

TEST(MonitorView, NarrowTerminalsLoseTheLeastImportantColumnsFirst) {
    const auto state = told(site() + charger("5893") + charger("0417") + charger("a0b1"));
    EXPECT_THAT(texts(state, 60), Contains("charger       state      offered  in force    drawn    power"));
    EXPECT_THAT(texts(state, 40), Contains("charger      state      offered    drawn"));
    EXPECT_THAT(texts(state, 40), Contains("a0b1         charging     9.5 A   9.32 A"));
    EXPECT_THAT(texts(state, 25), Contains("char…  state      offered"));
    for (std::size_t width = 1; width < 120; ++width) EXPECT_GE(texts(state, width).size(), 15U);
    EXPECT_FALSE(render(state, 0, noon).empty());
}

TEST(MonitorView, WideTerminalsShowLongNames) {
    auto state = told(site() + charger("5893"));
    state.names = {{"5893", "Tiefgarage Süd, 2. Stellplatz links, 車庫"}};
    EXPECT_THAT(texts(state, 200), Contains(HasSubstr("5893 Tiefgarage Süd, 2. Stell…  charging")));
    state.names = {{"5893", "車庫車庫車庫車庫車庫車庫車庫車庫車庫"}};
    EXPECT_THAT(texts(state, 80), Contains(HasSubstr("5893 車庫車庫…  charging")));
}

TEST(MonitorView, AgesSayWhenTheyMayBeMore) {
    const Heard live{"1", noon, false};
    const Heard stored{"1", noon, true};
    EXPECT_EQ(age(live, noon + 119s), "119s");
    EXPECT_EQ(age(live, noon + 2min), "2m");
    EXPECT_EQ(age(live, noon + 119min), "119m");
    EXPECT_EQ(age(live, noon + 47h), "47h");
    EXPECT_EQ(age(live, noon + 72h), "3d");
    EXPECT_EQ(age(live, noon - 1s), "0s");
    EXPECT_EQ(age(stored, noon + 7s), ">7s");
}

// ---- the state

TEST(MonitorState, TellsNoAgeOfWhatWasStoredUntilItKnowsOne) {
    MonitorState state{"mqtt://broker:1883", "twcbridge"};
    state.set_link(true, "connected", noon);
    state.hear({"twcbridge/status", "online", true}, noon);
    state.hear({"twcbridge/solar_power", "300", true}, noon);
    EXPECT_THAT(texts(state, 80, noon), Contains("solar 300 W   house -   surplus -"));
    EXPECT_THAT(texts(state, 80, noon + 9s), Contains("solar 300 W (>9s)   house -   surplus -"));
}

TEST(MonitorState, TakesARepetitionForNoChange) {
    auto state = told(site());
    state.hear({"twcbridge/solar_power", "4544", true}, noon + 2s);
    state.hear({"twcbridge/house_power", "150", false}, noon + 2s);
    state.hear({"twcbridge/surplus_power", "4400", false}, noon + 2s);
    EXPECT_THAT(texts(state), Contains("solar 4544 W (3s)   house 150 W (3s)   surplus 4400 W (1s)"));
}

TEST(MonitorState, ForgetsWhatIsTakenBack) {
    auto state = told(site() + Said{{"charger/5893/status", "online"}});
    state.hear({"twcbridge/solar_power", "", false}, noon);
    state.hear({"twcbridge/charger/5893/status", "", false}, noon);
    EXPECT_THAT(texts(state), Contains("solar -   house 150 W (3s)   surplus 4394 W (3s)"));
    EXPECT_EQ(texts(state).back(), "no wall connector is known yet");
}

TEST(MonitorState, HearsOnlyItsOwnBridge) {
    MonitorState state{"mqtt://broker:1883", "twc"};
    for (const auto* topic : {"twcbridge/mode", "twc", "twc/charger/5893", "twc/error",
                              "twc/charger/5893/event", "other/twc/mode"}) {
        state.hear({topic, "x", false}, noon);
    }
    EXPECT_TRUE(state.site.empty());
    EXPECT_TRUE(state.chargers.empty());
}

TEST(MonitorState, NothingHeardCanCommandTheTerminal) {
    const auto state = told(site() + Said{{"mode", "\x1B[2Jfast"},
                                          {"charger/\x1B]0;x\x07/status", "online"},
                                          {"charger/5893/reason", "a\xE2\x80\xAE\xFF\xC2\x9B"}});
    for (const auto& text : texts(state)) {
        EXPECT_EQ(text.find_first_of("\x1B\x07\x9B\xFF"), std::string::npos) << text;
    }
    EXPECT_THAT(texts(state), Contains(HasSubstr("mode ?[2Jfast")));
}

// ---- cells

TEST(Cells, CountWhatIsSeen) {
    EXPECT_EQ(cells("Garage"), 6U);
    EXPECT_EQ(cells("Süd"), 3U);
    EXPECT_EQ(cells("u\xCC\x88"), 1U);  // with a combining diaeresis
    EXPECT_EQ(cells("車庫"), 4U);
    EXPECT_EQ(cells("🚗"), 2U);
}

TEST(Cells, MakeForeignBytesPrintable) {
    EXPECT_EQ(printable("Süd 車庫 🚗"), "Süd 車庫 🚗");
    EXPECT_EQ(printable("a\nb\x7F\x1B"), "a?b??");
    EXPECT_EQ(printable("\xC3"), "?");                 // cut off
    EXPECT_EQ(printable("\xC0\xAF"), "??");            // overlong
    EXPECT_EQ(printable("\xED\xA0\x80"), "???");       // a surrogate
    EXPECT_EQ(printable("\xF4\x90\x80\x80"), "????");  // beyond Unicode
    EXPECT_EQ(printable("\xE2\x82z"), "??z");
}

TEST(Cells, CutAndFillToAWidth) {
    EXPECT_EQ(cut("Garage", 6), "Garage");
    EXPECT_EQ(cut("Garage", 5), "Gara…");
    EXPECT_EQ(cut("車庫車庫", 6), "車庫…");
    EXPECT_EQ(cut("Garage", 0), "");
    EXPECT_EQ(to_left("Süd", 5), "Süd  ");
    EXPECT_EQ(to_right("Süd", 5), "  Süd");
}

TEST(Cells, WrapAtBlanks) {
    EXPECT_THAT(wrap("set its rotary switch to F", 12), ElementsAre("set its", "rotary", "switch to F"));
    EXPECT_THAT(wrap("  a   b ", 12), ElementsAre("a b"));
    EXPECT_THAT(wrap("extraordinarily long", 8), ElementsAre("extraor…", "long"));
    EXPECT_TRUE(wrap("", 8).empty());
}

}  // namespace
}  // namespace bridge

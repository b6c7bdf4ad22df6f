// The broker client against a real mosquitto. The executor runs on the test's own thread, only while a test
// waits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <MQTTAsync.h>
#include <dlfcn.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <set>

#include "tests/rim/client_subject.hpp"
#include "tests/support/half_broker.hpp"
#include "tests/support/watcher.hpp"

namespace {
std::atomic<int> failures_to_come = 0;
}

// In the place of Paho's own, which nothing outside it can make fail.
extern "C" int MQTTAsync_connect(MQTTAsync handle, const MQTTAsync_connectOptions* options) {
    if (failures_to_come > 0) return failures_to_come--, MQTTASYNC_FAILURE;
    using Connect = int(MQTTAsync, const MQTTAsync_connectOptions*);
    static auto* const original = reinterpret_cast<Connect*>(dlsym(RTLD_NEXT, "MQTTAsync_connect"));
    return original(handle, options);
}

namespace {

using namespace std::chrono_literals;
using broker::Client;
using broker::Inbound;
using rim::Subject;
using support::Mosquitto;
using support::Watcher;
using testing::ElementsAre;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

/// Sockets of this process that lead to the port.
std::set<int> sockets_to(std::uint16_t port) {
    std::set<int> found;
    for (int socket = 3; socket < 256; ++socket) {
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        if (getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
        if (peer.sin_family == AF_INET && ntohs(peer.sin_port) == port) found.insert(socket);
    }
    return found;
}

TEST(Client, ConnectsSubscribesAndSaysSo) {
    Mosquitto broker;
    broker.start();
    Watcher watcher{broker.port()};
    Subject subject{broker};
    subject.start();
    ASSERT_TRUE(subject.connects());
    EXPECT_EQ(subject.links.size(), 1U);
    EXPECT_EQ(subject.links.front().why, "connected to the broker at " + broker.url());
    // Subscribed by then, not a little later.
    watcher.publish("twc/mode/set", "fast");
    EXPECT_TRUE(subject.hears({"twc/mode/set", "fast", false}));
}

TEST(Client, SpeaksTheConfiguredVersion) {
    for (const auto version : {config::MqttVersion::v3_1_1, config::MqttVersion::v5}) {
        Mosquitto broker;
        broker.start();
        Watcher watcher{broker.port()};
        Subject subject{broker};
        subject.settings.mqtt.version = version;
        auto& client = subject.start();
        ASSERT_TRUE(subject.connects());
        watcher.publish("twc/mode/set", "fast");
        EXPECT_TRUE(subject.hears({"twc/mode/set", "fast", false}));
        client.publish({"twc/mode", "fast", true});
        EXPECT_TRUE(watcher.sees({"twc/mode", "fast", false}));
    }
}

TEST(Client, TellsStoredMessagesFromLiveOnes) {
    Mosquitto broker;
    broker.start();
    Watcher watcher{broker.port()};
    watcher.publish("house/power", "400", true);
    watcher.flush();
    Subject subject{broker};
    subject.start();
    EXPECT_TRUE(subject.hears({"house/power", "400", true}));
    ASSERT_TRUE(subject.connects());
    watcher.publish("house/power", "410", true);
    EXPECT_TRUE(subject.hears({"house/power", "410", false}));
    watcher.publish("house/power", "", true);
    EXPECT_TRUE(subject.hears({"house/power", "", false}));
}

TEST(Client, PublishesRetainedAndPassingMessages) {
    Mosquitto broker;
    broker.start();
    Subject subject{broker};
    auto& client = subject.start();
    ASSERT_TRUE(subject.connects());
    Watcher early{broker.port(), "early"};
    client.publish({"twc/mode", "solar", true});
    client.publish({"twc/event", "{}", false});
    EXPECT_TRUE(early.sees({"twc/mode", "solar", false}));
    EXPECT_TRUE(early.sees({"twc/event", "{}", false}));
    Watcher late{broker.port(), "late"};
    EXPECT_TRUE(late.sees({"twc/mode", "solar", true}));
    EXPECT_TRUE(late.payloads("twc/event").empty());
}

TEST(Client, LosesWhatIsPublishedWithoutALink) {
    Mosquitto broker;
    Subject subject{broker};
    auto& client = subject.start();
    client.publish({"twc/mode", "too early", true});
    ASSERT_TRUE(subject.breaks());
    client.publish({"twc/mode", "still too early", true});
    broker.start();
    Watcher watcher{broker.port()};
    ASSERT_TRUE(subject.connects());
    client.publish({"twc/mode", "in time", true});
    ASSERT_TRUE(watcher.sees({"twc/mode", "in time", false}));
    EXPECT_THAT(watcher.payloads("twc/mode"), ElementsAre("in time"));
}

TEST(Client, SaysOnceThatNobodyListensAndConnectsWhenSomebodyDoes) {
    Mosquitto broker;
    Subject subject{broker};
    subject.start();
    ASSERT_TRUE(subject.breaks());
    EXPECT_THAT(subject.links.front().why, HasSubstr("cannot reach the broker at " + broker.url()));
    broker.start();
    ASSERT_TRUE(subject.connects());
    EXPECT_EQ(subject.links.size(), 2U);
}

TEST(Client, GoesOnTryingThoughPahoFails) {
    Mosquitto broker;
    broker.start();
    Subject subject{broker};
    failures_to_come = 2;
    subject.start();
    ASSERT_TRUE(subject.breaks());
    EXPECT_THAT(subject.links.front().why, HasSubstr("cannot use the broker at " + broker.url()));
    ASSERT_TRUE(subject.connects());
    EXPECT_EQ(subject.links.size(), 2U);
}

TEST(Client, SpeaksTheOlderVersionToABrokerThatKnowsNoBetter) {
    const Mosquitto unused;
    support::HalfBroker broker{support::Manners::refuse_version_5};
    Subject subject{unused};
    subject.settings.mqtt.url = broker.url();
    subject.start();
    ASSERT_TRUE(subject.run_until([&] { return broker.let_in() == 1; }, 5s));
    EXPECT_TRUE(subject.links.empty()) << "that is no news";

    Subject strict{unused};
    strict.settings.mqtt.url = broker.url();
    strict.settings.mqtt.version = config::MqttVersion::v5;
    strict.start();
    ASSERT_TRUE(strict.breaks());
    EXPECT_THAT(strict.links.front().why, HasSubstr("does not speak this MQTT version, see mqtt.version"));
}

TEST(Client, GivesUpABrokerThatAnswersNoSubscriptionAndTriesAgain) {
    const Mosquitto unused;
    support::HalfBroker broker{support::Manners::say_nothing};
    Subject subject{unused};
    subject.settings.mqtt.url = broker.url();
    subject.start();
    ASSERT_TRUE(subject.run_until([&] { return broker.let_in() == 2; }));
    ASSERT_EQ(subject.links.size(), 1U) << "said once";
    EXPECT_FALSE(subject.links.front().connected);
    EXPECT_THAT(subject.links.front().why,
                HasSubstr(broker.url() + " lets us in but answers no subscription"));
}

TEST(Client, SaysOnceThatABrokerHangsUpWhenItSubscribesAndTriesAgainAfterLongerAndLongerPauses) {
    const Mosquitto unused;
    support::HalfBroker broker{support::Manners::hang_up};
    Subject subject{unused};
    subject.settings.mqtt.url = broker.url();
    const auto start = Clock::now();
    subject.start();
    ASSERT_TRUE(subject.run_until([&] { return broker.let_in() == 3; }));
    EXPECT_GE(Clock::now() - start, 1s + 2s);
    ASSERT_EQ(subject.links.size(), 1U) << "said once";
    EXPECT_FALSE(subject.links.front().connected);
    EXPECT_THAT(subject.links.front().why,
                HasSubstr(broker.url() + " lets us in and hangs up when we subscribe"));
}

TEST(Client, NamesTheSettingsOfAWrongPassword) {
    for (const auto version : {config::MqttVersion::v3_1_1, config::MqttVersion::v5}) {
        Mosquitto broker{"allow_anonymous false\npassword_file @/passwords\n"};
        support::run(
            {"mosquitto_passwd", "-c", "-b", (broker.folder() / "passwords").string(), "bridge", "right"});
        broker.start();
        Subject wrong{broker};
        wrong.settings.mqtt.version = version;
        wrong.settings.mqtt.username = "bridge";
        wrong.settings.password = "wrong";
        wrong.start();
        ASSERT_TRUE(wrong.breaks());
        EXPECT_THAT(wrong.links.front().why, HasSubstr("wrong user name or password"));
        EXPECT_THAT(wrong.links.front().why, HasSubstr("mqtt.passwordFile"));

        Subject right{broker};
        right.settings.client_id = "another";
        right.settings.mqtt.version = version;
        right.settings.mqtt.username = "bridge";
        right.settings.password = "right";
        right.start();
        EXPECT_TRUE(right.connects());
    }
}

TEST(Client, ComesBackAndSubscribesAgainAfterARestartOfTheBroker) {
    Mosquitto broker;
    broker.start();
    Subject subject{broker};
    auto& client = subject.start();
    ASSERT_TRUE(subject.connects());
    broker.kill();
    ASSERT_TRUE(subject.breaks());
    EXPECT_THAT(subject.links.back().why, HasSubstr("lost the connection"));
    broker.start();
    ASSERT_TRUE(subject.connects());
    EXPECT_EQ(subject.links.size(), 3U);
    Watcher watcher{broker.port()};
    watcher.publish("twc/mode/set", "off");
    EXPECT_TRUE(subject.hears({"twc/mode/set", "off", false}));
    client.publish({"twc/mode", "off", true});
    EXPECT_TRUE(watcher.sees({"twc/mode", "off", false}));
}

TEST(Client, SuspectsATwinWhenAConfiguredIdLosesItsConnectionSoon) {
    Mosquitto broker;
    broker.start();
    Subject subject{broker};
    subject.settings.client_id = "twin";
    subject.settings.mqtt.client_id = "twin";
    subject.settings.mqtt.version = config::MqttVersion::v3_1_1;  // no broker says it there
    subject.start();
    ASSERT_TRUE(subject.connects());
    const Watcher watcher{broker.port(), "twin"};
    ASSERT_TRUE(subject.breaks());
    EXPECT_THAT(subject.links.back().why,
                HasSubstr("does another client use the same id (mqtt.clientId twin)?"));
}

TEST(Client, ComesBackWhenATwinHasGone) {
    Mosquitto broker;
    broker.start();
    Subject subject{broker};
    subject.start();
    ASSERT_TRUE(subject.connects());
    {
        const Watcher watcher{broker.port(), "subject"};
        ASSERT_TRUE(subject.breaks());
    }
    ASSERT_TRUE(subject.connects());
    EXPECT_EQ(subject.links.size(), 3U);
}

/// What a client says when a broker of version 5 has told it why it ends the connection.
std::string why_ended(support::Manners manners) {
    const Mosquitto unused;
    const support::HalfBroker broker{manners};
    Subject subject{unused};
    subject.settings.mqtt.url = broker.url();
    subject.settings.subscriptions.clear();
    auto& client = subject.start();
    EXPECT_TRUE(subject.connects());
    client.publish({"twc/status", "online", true});
    EXPECT_TRUE(subject.breaks());
    return subject.links.back().why;
}

// Newer releases of Paho call for this no handler that older ones know of.
TEST(Client, SaysWhyABrokerOfVersion5EndedTheConnection) {
    EXPECT_THAT(why_ended(support::Manners::shut_down), HasSubstr(", which shuts down"));
    EXPECT_THAT(why_ended(support::Manners::change_guests),
                HasSubstr(": another client uses the same id, see mqtt.clientId (subject)"));
}

TEST(Client, LeavesAWillForWhenItsConnectionBreaks) {
    Mosquitto broker;
    broker.start();
    Watcher watcher{broker.port()};
    const auto others = sockets_to(broker.port());
    Subject subject{broker};
    auto& client = subject.start();
    ASSERT_TRUE(subject.connects());
    client.publish({"twc/status", "online", true});
    ASSERT_TRUE(watcher.sees_last("twc/status", "online"));
    for (const int socket : sockets_to(broker.port())) {
        if (!others.contains(socket)) shutdown(socket, SHUT_RDWR);
    }
    EXPECT_TRUE(watcher.sees_last("twc/status", "offline"));
    ASSERT_TRUE(subject.breaks());
    EXPECT_TRUE(subject.connects());
}

TEST(Client, SendsWhatWaitsBeforeItSaysOffline) {
    Mosquitto broker;
    broker.start();
    Watcher watcher{broker.port()};
    Subject subject{broker};
    auto& client = subject.start();
    ASSERT_TRUE(subject.connects());
    for (int number = 0; number < 300; ++number)
        client.publish({"twc/" + std::to_string(number), "last words", true});
    EXPECT_TRUE(client.stop(10s));
    ASSERT_TRUE(watcher.sees({"twc/status", "offline", false}));
    for (int number = 0; number < 300; ++number) {
        EXPECT_THAT(watcher.payloads("twc/" + std::to_string(number)), ElementsAre("last words")) << number;
    }
    EXPECT_EQ(client.dropped(), 0U);
}

TEST(Client, CallsNobodyAfterStop) {
    Mosquitto broker;
    broker.start();
    Watcher watcher{broker.port()};
    Subject subject{broker};
    auto& client = subject.start();
    ASSERT_TRUE(subject.connects());
    for (int number = 0; number < 100; ++number) watcher.publish("house/power", std::to_string(number));
    watcher.flush();
    ASSERT_TRUE(subject.run_until([&] { return !subject.messages.empty(); }));
    client.stop(5s);
    const auto before = subject.messages.size();
    subject.io.restart();
    subject.io.poll();
    EXPECT_EQ(subject.messages.size(), before);
    EXPECT_EQ(subject.links.size(), 1U);
    client.publish({"twc/mode", "posthumous", true});
    watcher.publish("end", "");
    ASSERT_TRUE(watcher.sees({"end", "", false}));
    EXPECT_TRUE(watcher.payloads("twc/mode").empty());
}

TEST(Client, StopsInTimeThoughTheBrokerHangs) {
    Mosquitto broker;
    broker.start();
    Subject subject{broker};
    auto& client = subject.start();
    ASSERT_TRUE(subject.connects());
    broker.pause();
    for (int number = 0; number < 2000; ++number)
        client.publish({"twc/" + std::to_string(number), "x", true});
    const auto before = Clock::now();
    EXPECT_FALSE(client.stop(1s));
    EXPECT_LT(Clock::now() - before, 1500ms);
}

TEST(Client, SaysOnStopThatSomethingWasLostWithTheLink) {
    Mosquitto broker;
    broker.start();
    Subject subject{broker};
    auto& client = subject.start();
    ASSERT_TRUE(subject.connects());
    broker.pause();
    client.publish({"twc/mode", "fast", true});
    broker.kill();
    ASSERT_TRUE(subject.breaks());
    broker.start();
    ASSERT_TRUE(subject.connects());
    EXPECT_FALSE(client.stop(10s));
}

TEST(Client, LeavesNoTraceWithoutAWillTopic) {
    Mosquitto broker;
    broker.start();
    Watcher watcher{broker.port()};
    const auto others = sockets_to(broker.port());
    Subject subject{broker};
    subject.settings.will_topic.clear();
    auto& client = subject.start();
    ASSERT_TRUE(subject.connects());
    for (const int socket : sockets_to(broker.port())) {
        if (!others.contains(socket)) shutdown(socket, SHUT_RDWR);
    }
    ASSERT_TRUE(subject.breaks());
    ASSERT_TRUE(subject.connects());
    client.publish({"twc/mode", "fast", true});
    EXPECT_TRUE(client.stop(10s));
    watcher.publish("end", "");
    ASSERT_TRUE(watcher.sees({"end", "", false}));
    EXPECT_THAT(watcher.all(),
                ElementsAre(support::Seen{"twc/mode", "fast", false}, support::Seen{"end", "", false}));
}

TEST(Client, StopsInTimeWithoutABroker) {
    Mosquitto broker;
    Subject subject{broker};
    auto& client = subject.start();
    ASSERT_TRUE(subject.breaks());
    const auto before = Clock::now();
    client.stop(1s);
    EXPECT_LT(Clock::now() - before, 1500ms);
}

TEST(Client, KeepsTheNewestStatesWhileTheBrokerHangs) {
    Mosquitto broker;
    broker.start();
    Watcher watcher{broker.port()};
    Subject subject{broker};
    auto& client = subject.start();
    ASSERT_TRUE(subject.connects());
    broker.pause();
    for (int number = 1; number <= 5000; ++number) {
        client.publish({"twc/power/" + std::to_string(number % 10), std::to_string(number), true});
    }
    broker.resume();
    for (int last = 4991; last <= 5000; ++last) {
        EXPECT_TRUE(watcher.sees_last("twc/power/" + std::to_string(last % 10), std::to_string(last)));
    }
    EXPECT_EQ(client.dropped(), 0U);
    EXPECT_LT(watcher.payloads("twc/power/0").size(), 100U);
}

TEST(Client, BoundsAFloodAndKeepsItsEnd) {
    Mosquitto broker{"allow_anonymous true\nmax_queued_messages 0\n"};
    broker.start();
    Watcher watcher{broker.port()};
    Subject subject{broker};
    auto& client = subject.start();
    ASSERT_TRUE(subject.connects());
    constexpr int sent = 20'000;
    watcher.publish("twc/mode/set", "early");
    for (int number = 1; number < sent; ++number) watcher.publish("house/power", std::to_string(number));
    // Nobody runs the executor while it comes in: all but 1000 must go.
    const auto deadline = Clock::now() + 60s;
    while (client.dropped() < sent - 1000 && Clock::now() < deadline) std::this_thread::yield();
    ASSERT_EQ(client.dropped(), sent - 1000U);

    std::size_t most_between_turns = 0;
    std::size_t before = 0;
    std::function<void()> other_work = [&] {
        most_between_turns = std::max(most_between_turns, subject.messages.size() - before);
        before = subject.messages.size();
        if (before < 1000) boost::asio::post(subject.io, other_work);
    };
    boost::asio::post(subject.io, other_work);
    ASSERT_TRUE(subject.run_until([&] { return subject.messages.size() == 1000; }));
    EXPECT_LE(most_between_turns, 64U);
    // The flooded topic lost its own messages, not the command of another.
    EXPECT_EQ(subject.messages.front(), (Inbound{"twc/mode/set", "early", false}));
    EXPECT_EQ(subject.messages.back(), (Inbound{"house/power", std::to_string(sent - 1), false}));
}

TEST(Client, HandsOverOneLargeMessageATurn) {
    Mosquitto broker;
    broker.start();
    Watcher watcher{broker.port()};
    Subject subject{broker};
    subject.start();
    ASSERT_TRUE(subject.connects());
    constexpr std::size_t sent = 40;
    for (std::size_t number = 0; number < sent; ++number)
        watcher.publish("house/power", std::string(60'000, '1'));
    watcher.publish("end", "");
    ASSERT_TRUE(watcher.sees({"end", "", false}));
    std::size_t most_between_turns = 0;
    std::size_t before = 0;
    std::function<void()> other_work = [&] {
        most_between_turns = std::max(most_between_turns, subject.messages.size() - before);
        before = subject.messages.size();
        if (before < sent) boost::asio::post(subject.io, other_work);
    };
    boost::asio::post(subject.io, other_work);
    ASSERT_TRUE(subject.run_until([&] { return before == sent; }));
    EXPECT_EQ(most_between_turns, 1U);
}

TEST(Client, DropsAndCountsWhatIsTooLarge) {
    Mosquitto broker;
    broker.start();
    Watcher watcher{broker.port()};
    Subject subject{broker};
    auto& client = subject.start();
    ASSERT_TRUE(subject.connects());
    watcher.publish("house/power", std::string(65'537, '1'));
    watcher.publish("house/power", std::string(65'536, '2'));
    EXPECT_TRUE(subject.hears({"house/power", std::string(65'536, '2'), false}));
    EXPECT_EQ(subject.messages.size(), 1U);
    EXPECT_EQ(client.dropped(), 1U);
}

}  // namespace

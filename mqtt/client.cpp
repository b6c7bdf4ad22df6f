// The only file that knows Paho. Its threads only leave word (an event, a message) under the mutex; the
// worker makes every call to it; handlers run on the executor.
#include "mqtt/client.hpp"

#include <mqtt/async_client.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

namespace broker {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t most_waiting = 1000;
constexpr std::size_t most_payload = 65536;
// The longest packet that we ask brokers to send us, in version 5: the largest payload and any topic. Paho
// makes room for whatever begins to arrive, before it asks us.
constexpr std::uint32_t most_packet = 2 * most_payload;
// Per turn of the executor, which has a bus to serve: messages, and their bytes, which is what costs time.
constexpr std::size_t most_at_once = 64;
constexpr std::size_t most_bytes_at_once = 16384;
// What Paho holds is old news if the link breaks now, so let it hold little: less than any broker's receive
// maximum of version 5, because Paho sleeps for a second each time that is reached.
constexpr std::size_t most_in_flight = 8;
constexpr int paho_queue = 2000;        // its default of 100 throws in a burst; ours is the one that fills
constexpr milliseconds slice{50};       // the longest wait that does not look up
constexpr milliseconds farewell{1000};  // patience of the destructor
// Paho offers older versions too, and takes no word against them; without their suites nobody can choose
// them. Those of TLS 1.3 are there anyway.
constexpr auto* suites_of_tls_1_2 = "TLSv1.2:!aNULL:!eNULL:!PSK";
constexpr std::chrono::seconds lasting{30};  // a connection that was lost sooner may have been taken over
constexpr std::chrono::seconds shortest_pause{1};  // between two attempts to connect, doubled each time
constexpr std::chrono::seconds longest_pause{10};
constexpr std::chrono::seconds longest_attempt{15};  // Paho gives up after 6 s
constexpr int taken_over = 0x8E;  // reason of version 5: another client has come with our id
constexpr std::chrono::seconds longest_subscription{6};

/// "mqtt://host" → "tcp://host:1883", which is how Paho says it.
std::string server_uri(std::string_view url) {
    constexpr std::string_view secure = "mqtts://";
    const bool tls = url.starts_with(secure);
    url.remove_prefix(std::min(url.size(), url.find("://") + 3));
    if (url.ends_with('/')) url.remove_suffix(1);
    std::string uri{tls ? "ssl://" : "tcp://"};
    uri += url;
    // In [::1] only a colon behind the bracket begins a port.
    const auto host_end = url.find(']');
    const bool has_port =
        url.find(':', host_end == std::string_view::npos ? 0 : host_end) != std::string_view::npos;
    if (!has_port) uri += tls ? ":8883" : ":1883";
    return uri;
}

bool is_secure(const config::Mqtt& settings) { return settings.url.starts_with("mqtts://"); }

bool is_automatic(const config::Mqtt& settings) { return settings.version == config::MqttVersion::automatic; }

// Only version 5 lets us ask for no packet that is too large.
int first_version(const config::Mqtt& settings) {
    return settings.version == config::MqttVersion::v3_1_1 ? MQTTVERSION_3_1_1 : MQTTVERSION_5;
}

/// Return code of 3.1.1, which every broker speaks, or reason code of 5.
bool is_about_version(int code) { return code == 1 || code == 0x84; }

mqtt::connect_options connect_options(const ClientSettings& settings, int version) {
    using namespace std::chrono_literals;
    auto builder = mqtt::connect_options_builder{};
    builder.mqtt_version(version)
        .keep_alive_interval(10s)  // a silent loss is noticed after some 25 s
        .connect_timeout(5s);
    if (!settings.will_topic.empty()) {
        builder.will(mqtt::will_options{settings.will_topic, std::string{"offline"}, 1, true});
    }
    if (version == MQTTVERSION_5) {
        builder.clean_start(true);
    } else {
        builder.clean_session(true);
    }
    if (settings.mqtt.username) builder.user_name(*settings.mqtt.username).password(settings.password);
    if (is_secure(settings.mqtt)) {
        // Without verify() any valid certificate would do, whatever host it names. No caFile: the system's
        // trust store.
        builder.ssl(mqtt::ssl_options_builder{}
                        .trust_store(settings.mqtt.ca_file.value_or(""))
                        .key_store(settings.mqtt.cert_file.value_or(""))
                        .private_key(settings.mqtt.key_file.value_or(""))
                        .enabled_cipher_suites(suites_of_tls_1_2)
                        .enable_server_cert_auth(true)
                        .verify(true)
                        .finalize());
    }
    return builder.finalize();
}

/// What a user can do about a refused connection: return codes of MQTT 3.1.1 are below 6, of MQTT 5 above
/// 127; Paho has only -1 for whatever happened below.
std::string why_refused(const config::Mqtt& settings, int code) {
    const std::string refused = "the broker at " + settings.url + " refuses us: ";
    switch (code) {
        case 1:
        case 0x84:
            return refused + "it does not speak this MQTT version, see mqtt.version";
        case 2:
        case 0x85:
            return refused + "it does not accept the client id, see mqtt.clientId";
        case 4:
        case 0x86:
            return refused + "wrong user name or password, see mqtt.username and mqtt.passwordFile";
        case 5:
        case 0x87:
            return refused +
                   "not authorised, a wrong user name or password perhaps, see mqtt.username and "
                   "mqtt.passwordFile";
        case 3:
        case 0x88:
            return refused + "it is not available now";
        default:
            break;
    }
    if (code > 0) return refused + "code " + std::to_string(code);
    std::string why = "cannot reach the broker at " + settings.url +
                      ": is it running, and are host and port of mqtt.url right?";
    if (is_secure(settings))
        why +=
            " Does its certificate name this host, is it still valid, and does mqtt.caFile (or the system) "
            "trust it? Does it ask for a certificate of ours, see mqtt.certFile?";
    return why;
}

}  // namespace

struct Client::Impl final : std::enable_shared_from_this<Client::Impl>, private mqtt::iaction_listener {
    Impl(ClientSettings settings, boost::asio::any_io_executor executor, ClientHandlers handlers)
        : settings_{std::move(settings)},
          executor_{std::move(executor)},
          handlers_{std::move(handlers)},
          version_{first_version(settings_.mqtt)} {}

    void start();
    void publish(Publication publication);
    void subscribe(std::string topic);
    bool stop(milliseconds patience);
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

  private:
    enum class Change : std::uint8_t { connected, lost, failed };
    struct Event {
        Change change;
        int code = 0;  ///< of `failed`; of `lost` the reason of a broker of version 5 that said goodbye
    };

    // On threads of Paho, in the middle of its own work: leave word, nothing else.
    void leave_word(Event event);
    void receive(const mqtt::message& message);
    void on_failure(const mqtt::token& token) override {
        leave_word({Change::failed, token.get_return_code()});
    }
    void on_success(const mqtt::token&) override {
    }  // comes twice or not at all; the connected handler is exact

    // On the worker.
    void work();
    void converse();
    void handle(Event event);
    /// `somebody_is_there`: a broker has answered, if only by hanging up.
    void tell_failure(std::string why, bool somebody_is_there);
    /// Paho's own reconnection stands still after the clock on the wall was set back (paho.mqtt.c issue 920),
    /// and does not tell why a later attempt was refused.
    void attempt();
    /// Speaks version_.
    void make_client();
    void change_version(int version);
    void attempt_after(Clock::duration pause);
    /// Each time after twice the pause, until a broker has answered our subscriptions.
    void attempt_later();
    /// Null when not connected any more, of which there will be word.
    mqtt::token_ptr request(const std::string& topic);
    /// What the broker denied us, as part of a sentence; nothing if the connection ended meanwhile.
    std::optional<std::string> subscribe();
    /// Leaves a broker that answers no subscription; another attempt follows.
    std::nullopt_t give_up();
    bool oldest_is_done(milliseconds patience);
    /// Whether Paho has it now; it may still be lost with the link.
    bool send(const Publication& publication);
    bool all_arrive_before(Clock::time_point deadline);
    void say_goodbye();
    [[nodiscard]] std::string why_lost(int reason) const;
    bool interrupted();
    /// Paho fails what is under way a moment before it says that the connection is lost.
    bool is_lost();
    void report(bool connected, std::string why);

    // On the executor.
    void deliver();
    void post_delivery();

    const ClientSettings settings_;
    const boost::asio::any_io_executor executor_;
    const ClientHandlers handlers_;
    std::atomic<std::uint64_t> dropped_ = 0;
    std::thread worker_;

    std::deque<mqtt::delivery_token_ptr> in_flight_;  // worker only
    std::optional<bool> reported_;                    // worker only
    std::map<int, mqtt::async_client> clients_;       // worker only: by version
    mqtt::async_client* client_ = nullptr;            // worker only: the one in use; null until it is made
    std::optional<mqtt::connect_options> options_;    // worker only: of that one
    int version_;                                     // worker only
    bool answered_ = false;                           // worker only: a broker has, in this version
    bool attempting_ = false;                         // worker only
    Clock::time_point look_again_;                    // worker only: begin an attempt, or give one up
    Clock::duration pause_ = shortest_pause;          // worker only: before the next attempt
    std::string told_;                                // worker only: why it failed, since the last success
    Clock::time_point connected_at_;                  // worker only
    bool all_acknowledged_ = true;                    // worker only, until it has finished

    std::mutex mutex_;  // for all below
    std::condition_variable changed_;
    std::optional<Event> event_;  // the newest is all that counts
    std::deque<Publication> outward_;
    std::vector<std::string> later_topics_;  // as many as there are chargers
    std::size_t later_subscribed_ = 0;       // so many of them since the last connect
    std::deque<Inbound> inbound_;
    bool delivery_posted_ = false;
    bool linked_ = false;  // as Paho's threads see it
    bool online_ = false;
    bool stopping_ = false;
    bool finished_ = false;
    Clock::time_point deadline_;
};

void Client::Impl::start() {
    worker_ = std::thread{[self = shared_from_this()] { self->work(); }};
}

void Client::Impl::publish(Publication publication) {
    const std::scoped_lock lock{mutex_};
    if (!online_ || stopping_) return;
    if (publication.retain) {
        const auto waiting = std::ranges::find_if(outward_, [&](const Publication& other) {
            return other.retain && other.topic == publication.topic;
        });
        if (waiting != outward_.end()) {
            waiting->payload = std::move(publication.payload);
            return;
        }
    }
    if (outward_.size() == most_waiting) {
        // A lost state is wrong for long, a lost event only once.
        const auto passing = std::ranges::find(outward_, false, &Publication::retain);
        outward_.erase(passing != outward_.end() ? passing : outward_.begin());
        ++dropped_;
    }
    outward_.push_back(std::move(publication));
    changed_.notify_all();
}

void Client::Impl::subscribe(std::string topic) {
    const std::scoped_lock lock{mutex_};
    later_topics_.push_back(std::move(topic));
    changed_.notify_all();
}

bool Client::Impl::stop(milliseconds patience) {
    std::unique_lock lock{mutex_};
    if (stopping_ || !worker_.joinable()) return false;
    stopping_ = true;
    deadline_ = Clock::now() + patience;
    inbound_.clear();
    changed_.notify_all();
    const bool finished = changed_.wait_until(lock, deadline_, [this] { return finished_; });
    lock.unlock();
    // A call to Paho may hang as long as a resolver does. The worker owns a share of us and touches nothing
    // else any more.
    if (!finished) {
        worker_.detach();
        return false;
    }
    worker_.join();
    return all_acknowledged_;
}

void Client::Impl::leave_word(Event event) {
    const std::scoped_lock lock{mutex_};
    if (event.change == Change::lost && !linked_) return;  // told already
    linked_ = event.change == Change::connected;
    event_ = event;
    changed_.notify_all();
}

void Client::Impl::receive(const mqtt::message& message) {
    const auto& payload = message.get_payload();
    if (payload.size() > most_payload) {
        ++dropped_;
        return;
    }
    Inbound inbound{.topic = message.get_topic(), .payload = payload, .retained = message.is_retained()};
    const std::scoped_lock lock{mutex_};
    if (stopping_) return;
    if (inbound_.size() == most_waiting) {
        const auto older = std::ranges::find(inbound_, inbound.topic, &Inbound::topic);
        inbound_.erase(older != inbound_.end() ? older : inbound_.begin());
        ++dropped_;
    }
    inbound_.push_back(std::move(inbound));
    if (!delivery_posted_) post_delivery();
}

void Client::Impl::post_delivery() {
    delivery_posted_ = true;
    boost::asio::post(executor_, [self = shared_from_this()] { self->deliver(); });
}

void Client::Impl::deliver() {
    std::unique_lock lock{mutex_};
    std::size_t bytes = 0;
    for (std::size_t count = 0; count < most_at_once && bytes < most_bytes_at_once && !inbound_.empty();
         ++count) {
        auto inbound = std::move(inbound_.front());
        bytes += inbound.topic.size() + inbound.payload.size();
        inbound_.pop_front();
        lock.unlock();
        handlers_.message(std::move(inbound));
        lock.lock();  // the handler may have called stop, which empties the queue
    }
    delivery_posted_ = false;
    if (!inbound_.empty()) post_delivery();
}

void Client::Impl::work() {
    converse();
    say_goodbye();
    clients_.clear();
    const std::scoped_lock lock{mutex_};
    finished_ = true;
    changed_.notify_all();
}

void Client::Impl::converse() {
    std::unique_lock lock{mutex_};
    for (;;) {
        const auto has_topic = [this] { return online_ && later_subscribed_ < later_topics_.size(); };
        const auto has_work = [&] { return stopping_ || event_ || !outward_.empty() || has_topic(); };
        if (online_) {
            changed_.wait(lock, has_work);
        } else {
            changed_.wait_until(lock, look_again_, has_work);
        }
        if (stopping_ && (outward_.empty() || Clock::now() >= deadline_)) return;
        if (event_) {
            const auto event = *std::exchange(event_, std::nullopt);
            lock.unlock();
            handle(event);
        } else if (has_topic()) {
            const auto topic = later_topics_[later_subscribed_];
            lock.unlock();
            const bool accepted = request(topic) != nullptr;
            lock.lock();
            if (accepted) {
                ++later_subscribed_;
            } else {
                changed_.wait_for(lock, slice);  // Paho is full, or there will be word of the loss
            }
            continue;
        } else if (!online_) {
            lock.unlock();
            if (Clock::now() >= look_again_) attempt();
        } else {
            const auto publication = std::move(outward_.front());
            outward_.pop_front();
            lock.unlock();
            send(publication);
        }
        lock.lock();
    }
}

void Client::Impl::attempt() {
    look_again_ = Clock::now() + longest_attempt;
    try {
        if (std::exchange(attempting_, !attempting_)) {
            client_->disconnect();  // wakes Paho, whose patience may run by the clock on the wall
        } else {
            if (client_ == nullptr) make_client();
            client_->connect(*options_, nullptr, *this);
        }
    } catch (const mqtt::exception& error) {
        if (error.get_return_code() == MQTTASYNC_COMMAND_IGNORED ||
            error.get_return_code() == MQTTASYNC_DISCONNECTED)
            return;
        // Not the network: Paho cannot do what it was told, perhaps for want of memory.
        attempt_later();
        tell_failure("cannot use the broker at " + settings_.mqtt.url + ": " + error.what(), false);
    }
}

// A client that was used is kept: threads of Paho may still be on their way out of it.
void Client::Impl::make_client() {
    const auto [place, is_new] =
        clients_.try_emplace(version_, server_uri(settings_.mqtt.url), settings_.client_id,
                             mqtt::create_options_builder{}
                                 .mqtt_version(version_)
                                 .send_while_disconnected(false)
                                 .max_buffered_messages(paho_queue)
                                 .finalize());
    client_ = &place->second;
    options_ = connect_options(settings_, version_);
    // Not earlier: copies of options of Paho C++ 1.2.0 point to the properties of what they are copies of.
    if (version_ == MQTTVERSION_5)
        options_->set_properties({{mqtt::property::MAXIMUM_PACKET_SIZE, most_packet}});
    if (!is_new) return;
    // Before connect(): Paho C++ 1.2.0 may deadlock when handlers change under a connection attempt.
    client_->set_connected_handler([this](const std::string&) { leave_word({Change::connected}); });
    client_->set_connection_lost_handler([this](const std::string&) { leave_word({Change::lost}); });
    // When a broker of version 5 says goodbye Paho calls this, up to some release the one above afterwards,
    // and later on nothing else (its issue 1619).
    client_->set_disconnected_handler([this](const mqtt::properties&, mqtt::ReasonCode reason) {
        leave_word({Change::lost, static_cast<int>(reason)});
    });
    client_->set_message_callback([this](const mqtt::const_message_ptr& message) { receive(*message); });
}

void Client::Impl::change_version(int version) {
    version_ = version;
    client_ = nullptr;
    answered_ = false;
}

void Client::Impl::attempt_after(Clock::duration pause) {
    attempting_ = false;
    look_again_ = Clock::now() + pause;
}

void Client::Impl::attempt_later() {
    attempt_after(pause_);
    pause_ = std::min<Clock::duration>(pause_ * 2, longest_pause);
}

void Client::Impl::tell_failure(std::string why, bool somebody_is_there) {
    // That nobody listens is no news after a loss; that somebody does and refuses us is.
    if (reported_ == false && (!somebody_is_there || why == told_)) return;
    told_ = why;
    report(false, std::move(why));
}

void Client::Impl::handle(Event event) {
    if (!in_flight_.empty()) all_acknowledged_ = false;
    in_flight_.clear();
    {
        const std::scoped_lock lock{mutex_};
        online_ = false;
        later_subscribed_ = 0;
        if (!outward_.empty()) all_acknowledged_ = false;
        outward_.clear();
    }
    if (event.change == Change::failed) {
        if (is_automatic(settings_.mqtt) && version_ == MQTTVERSION_5 && is_about_version(event.code)) {
            change_version(MQTTVERSION_3_1_1);
            return attempt_after({});
        }
        attempt_later();
        return tell_failure(why_refused(settings_.mqtt, event.code), event.code > 0);
    }
    // Before the next connection is reported too: this loss may have been overtaken by it.
    const bool was_online = reported_ == true;
    if (was_online) report(false, why_lost(event.code));
    if (event.change == Change::lost) {
        // Who takes the id back at once is thrown out again at once.
        if (was_online) return attempt_after(event.code == taken_over ? longest_pause : pause_);
        attempt_later();
        // Some let in whoever comes, and understand no word of version 5.
        if (is_automatic(settings_.mqtt) && !answered_)
            change_version(version_ == MQTTVERSION_5 ? MQTTVERSION_3_1_1 : MQTTVERSION_5);
        return tell_failure("the broker at " + settings_.mqtt.url +
                                " lets us in and hangs up when we subscribe; look at its access list",
                            true);
    }

    attempting_ = false;
    const auto denied = subscribe();
    if (!denied) return;
    {
        const std::scoped_lock lock{mutex_};
        online_ = true;
    }
    connected_at_ = Clock::now();
    answered_ = true;
    pause_ = shortest_pause;
    told_.clear();
    report(true, "connected to the broker at " + settings_.mqtt.url + *denied);
}

/// `reason`: of MQTT 5. A broker of 3.1.1 that hands our client id to somebody else says nothing about it.
std::string Client::Impl::why_lost(int reason) const {
    const std::string why = "lost the connection to the broker at " + settings_.mqtt.url;
    switch (reason) {
        case 0:
            break;
        case 0x8B:
            return why + ", which shuts down";
        case taken_over:
            return why + ": another client uses the same id, see mqtt.clientId (" + settings_.client_id + ")";
        default:
            return why + ", which gives the reason " + std::to_string(reason) + " of MQTT 5";
    }
    if (!settings_.mqtt.client_id || Clock::now() - connected_at_ >= lasting) return why;
    return why + "; does another client use the same id (mqtt.clientId " + *settings_.mqtt.client_id + ")?";
}

mqtt::token_ptr Client::Impl::request(const std::string& topic) {
    try {
        return client_->subscribe(topic, 1);
    } catch (const mqtt::exception&) {
        return nullptr;
    }
}

std::optional<std::string> Client::Impl::subscribe() {
    std::string denied;
    std::deque<mqtt::token_ptr> tokens;
    const auto end = Clock::now() + longest_subscription;
    for (const auto& topic : settings_.subscriptions) {
        tokens.push_back(request(topic));
        if (!tokens.back()) return std::nullopt;
    }
    for (std::size_t index = 0; index < tokens.size(); ++index) {
        try {
            while (!tokens[index]->wait_for(slice)) {
                if (interrupted()) return std::nullopt;
                if (Clock::now() >= end) return give_up();
            }
        } catch (const mqtt::exception&) {
            if (is_lost()) return std::nullopt;
            denied += ", but it does not let us subscribe to " + settings_.subscriptions[index];
        }
    }
    return denied;
}

std::nullopt_t Client::Impl::give_up() {
    attempt_later();
    try {
        constexpr int at_once = 0;  // what is under way will not be answered either
        client_->disconnect(at_once);
    } catch (const mqtt::exception&) {
        return std::nullopt;  // not connected any more, of which there will be word
    }
    tell_failure("the broker at " + settings_.mqtt.url + " lets us in but answers no subscription", true);
    return std::nullopt;
}

bool Client::Impl::interrupted() {
    const std::scoped_lock lock{mutex_};
    return event_ || (stopping_ && Clock::now() >= deadline_);
}

bool Client::Impl::is_lost() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 4 * slice, [this] { return event_.has_value(); });
}

bool Client::Impl::oldest_is_done(milliseconds patience) {
    try {
        return in_flight_.front()->wait_for(patience);
    } catch (const mqtt::exception&) {
        all_acknowledged_ = false;
        return true;  // refused, or lost with the link: either way there is nothing to wait for
    }
}

bool Client::Impl::send(const Publication& publication) {
    while (!in_flight_.empty() && oldest_is_done(milliseconds{0})) in_flight_.pop_front();
    while (in_flight_.size() >= most_in_flight) {
        if (interrupted()) {  // the link is down, and everything will be said again
            all_acknowledged_ = false;
            return false;
        }
        if (oldest_is_done(slice)) in_flight_.pop_front();
    }
    try {
        in_flight_.push_back(client_->publish(publication.topic, publication.payload.data(),
                                              publication.payload.size(), 1, publication.retain));
    } catch (const mqtt::exception&) {  // thrown when not connected any more, of which there will be word
        all_acknowledged_ = false;
        return false;
    }
    return true;
}

bool Client::Impl::all_arrive_before(Clock::time_point deadline) {
    while (!in_flight_.empty() && Clock::now() < deadline) {
        if (oldest_is_done(slice)) in_flight_.pop_front();
    }
    if (!in_flight_.empty()) all_acknowledged_ = false;
    return in_flight_.empty();
}

/// Half of the time that is left is for the acknowledgements, the rest for what Paho does to end. Without a
/// clean end the Will is the broker's to publish.
void Client::Impl::say_goodbye() {
    if (client_ == nullptr) return;
    if (!settings_.will_topic.empty() && !send({settings_.will_topic, "offline", true})) return;
    const auto remaining = [this] {
        return std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(deadline_ - Clock::now()));
    };
    if (!all_arrive_before(Clock::now() + remaining() / 2)) return;
    try {
        client_->disconnect()->wait_for(remaining() / 2);
    } catch (const mqtt::exception&) {
        return;  // not connected, or not any more
    }
}

void Client::Impl::report(bool connected, std::string why) {
    reported_ = connected;
    const std::scoped_lock lock{mutex_};
    if (stopping_) return;
    boost::asio::post(executor_, [self = shared_from_this(), connected, why = std::move(why)] {
        {
            const std::scoped_lock check{self->mutex_};
            if (self->stopping_) return;
        }
        self->handlers_.link(connected, why);
    });
}

Client::Client(ClientSettings settings, boost::asio::any_io_executor executor, ClientHandlers handlers)
    : impl_{std::make_shared<Impl>(std::move(settings), std::move(executor), std::move(handlers))} {}

Client::~Client() { impl_->stop(farewell); }

void Client::start() { impl_->start(); }

void Client::subscribe(std::string topic) { impl_->subscribe(std::move(topic)); }
void Client::publish(Publication publication) { impl_->publish(std::move(publication)); }

bool Client::stop(milliseconds patience) { return impl_->stop(patience); }

std::uint64_t Client::dropped() const { return impl_->dropped(); }

}  // namespace broker

// The broker's view of us is a projection: remembers what each topic says and yields only what differs.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "mqtt/publication.hpp"

namespace broker {

/// Memory grows with the number of topics, never with the number of messages.
class Projection {
  public:
    /// Retained publications equal to what the topic already says are dropped; not retained ones are kept in
    /// order, the oldest of more than 1000 is dropped.
    void set(Publication publication);
    /// An empty retained payload: the broker shall forget the topic, and so do we.
    void clear(const std::string& topic);
    /// What the topic says, or is about to; null if never set, cleared or set to nothing, which is the same
    /// to a broker. Valid until the next change.
    [[nodiscard]] const std::string* find(const std::string& topic) const;
    /// The broker is new or has lost everything: all retained topics are due again, in the order of first
    /// set(); cleared ones too, because the message that cleared them may be lost.
    void resend_all();
    /// The same value once more, as after a refused command.
    void resend(const std::string& topic);
    /// Somebody else has emptied the topic: it stays empty, whatever is set, until reinstate(). False if it
    /// says nothing, or is withdrawn already.
    bool withdraw(const std::string& topic);
    /// What was withdrawn is due again.
    void reinstate();
    /// The next thing to send, retained ones first. Nothing while offline (see set_online); not retained ones
    /// wait at most until the next resend_all, which drops them.
    std::optional<Publication> poll();
    void set_online(bool online) { online_ = online; }

  private:
    struct Entry {
        std::string topic;
        std::string payload;  // empty: the broker has nothing there
        bool withdrawn = false;
    };
    std::deque<Entry> entries_;  // in the order of first set, never erased
    std::unordered_map<std::string, std::size_t> index_;
    std::set<std::size_t> due_;
    std::deque<Publication> passing_;
    bool online_ = false;
};

}  // namespace broker

#include "pipelines/ice/servers/host_lookup.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/ice/servers/tls_trust.h"

#include <utility>

#include <gio/gio.h>

namespace turnout {
namespace {

// Lives until the resolver has answered.
struct Lookup {
  std::function<void(HostAddresses)> on_done;
  Ref<GCancellable> cancellable = Ref<GCancellable>::adopt(g_cancellable_new());
  Timer limit = {};
};

HostAddresses takeAnswer(GResolver* resolver, GAsyncResult* answer) {
  Owned<GError> error;
  GList* list = g_resolver_lookup_by_name_finish(resolver, answer, error.out());
  if (!list)
    return {{}, serverFaultOf(*error.get()), errorCause(error->message)};
  HostAddresses addresses;
  for (const GList* item = list; item; item = item->next)
    addresses.literals.emplace_back(
        Owned<char>(g_inet_address_to_string(static_cast<GInetAddress*>(item->data))).get());
  g_resolver_free_addresses(list);
  return addresses;
}

}  // namespace

void lookUpHost(Loop& loop, const std::string& host, std::function<void(HostAddresses)> on_done,
                Duration limit) {
  auto* lookup = new Lookup{std::move(on_done)};
  lookup->limit = loop.after(limit, [lookup] { g_cancellable_cancel(lookup->cancellable.get()); });
  const auto resolver = Ref<GResolver>::adopt(g_resolver_get_default());
  g_resolver_lookup_by_name_async(
      resolver.get(), host.c_str(), lookup->cancellable.get(),
      [](GObject* source, GAsyncResult* answer, gpointer data) {
        const std::unique_ptr<Lookup> done(static_cast<Lookup*>(data));
        done->limit.cancel();
        done->on_done(takeAnswer(G_RESOLVER(source), answer));
      },
      lookup);
}

}  // namespace turnout

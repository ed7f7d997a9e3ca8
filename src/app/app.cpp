#include "app/app.h"

#include <sys/resource.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "api/objectives.h"
#include "api/routes.h"
#include "app/collectors.h"

namespace portal::app {
namespace {

/// Where a request that names no host is told to come back to.
std::string FallbackAuthority(const std::vector<net::Listener>& listeners) {
  return listeners.empty() ? "localhost" : listeners.front().authority();
}

/// Under which clients find the pages that problems point to, as far as anybody has said.
std::string UrlOf(const config::Config& config, const std::vector<net::Listener>& listeners) {
  if (!config.public_url.empty()) return config.public_url;
  const bool secure = !listeners.empty() && listeners.front().secure();
  return (secure ? "https://" : "http://") + FallbackAuthority(listeners);
}

// The store, the logs, the pool's and the loops' own.
constexpr std::size_t kOwnDescriptors = 64;

/// As many connections as are configured, or as the process has file descriptors for.
std::size_t ConnectionCap(const config::Config& config, base::Logger& logger) {
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  const std::size_t possible =
      descriptors.rlim_cur > 2 * kOwnDescriptors ? descriptors.rlim_cur - kOwnDescriptors : kOwnDescriptors;
  if (config.net.max_connections == 0) return possible;
  if (config.net.max_connections <= possible) return config.net.max_connections;
  logger.Warning("max_connections_lowered", {{"configured", static_cast<std::int64_t>(config.net.max_connections)},
                                             {"possible", static_cast<std::int64_t>(possible)},
                                             {"reason", "the process may not open more files: raise LimitNOFILE="}});
  return possible;
}

net::Settings ServerSettings(const config::Config& config, const Certificate& certificate, base::Logger& logger) {
  net::Settings settings;
  settings.tls = certificate.current();
  settings.limits.handshake_timeout = config.net.handshake_timeout;
  settings.limits.head_timeout = config.net.head_timeout;
  settings.limits.idle_timeout = config.net.idle_timeout;
  settings.limits.send_timeout = config.net.send_timeout;
  settings.limits.drain_timeout = config.net.drain_timeout;
  settings.limits.min_send_rate = config.net.min_send_rate;
  settings.limits.max_connections = ConnectionCap(config, logger);
  settings.limits.max_connections_per_address = config.net.max_connections_per_address;
  return settings;
}

net::Server::Options ServerOptions(const config::Config& config, const Certificate& certificate, base::Logger& logger) {
  net::Server::Options options;
  options.loops = EventLoops(config);
  options.pool_threads = config.net.pool_threads;
  options.pool_queue = config.net.pool_queue;
  options.settings = ServerSettings(config, certificate, logger);
  return options;
}

/// The epoch without one.
base::WallTime EndOf(const Certificate& certificate) {
  const auto& current = certificate.current();
  return current ? current->not_after() : base::WallTime{};
}

http::OwnHosts OwnHostsOf(const config::Config& config) {
  return http::OwnHosts({config.public_url, config.signed_urls.base_url});
}

/// Nullopt where strangers may ask, since they have no tokens.
std::optional<http::OwnHosts> ControlHosts(const config::Config& config, const Listeners& listeners) {
  return listeners.for_this_machine ? std::optional(OwnHostsOf(config)) : std::nullopt;
}

http::Pipeline::Options PipelineOptions(const config::Config& config, std::string fallback_authority,
                                        TestMode* test_mode) {
  return {.public_url = config.public_url,
          .fallback_authority = std::move(fallback_authority),
          .workers = Workers(config),
          .trusted_proxies = config.net.trusted_proxies,
          .allowed_origins = config.cors.allowed_origins,
          .scrapers = {OwnHostsOf(config), config.metrics.allow},
          .faults = test_mode != nullptr ? &test_mode->faults() : nullptr};
}

http::RateLimits::Budgets LimitBudgets(const config::Config::RateLimits& config) {
  http::RateLimits::Budgets budgets;
  budgets.of_client.fill(config.by_default);
  budgets.of_client[static_cast<std::size_t>(model::LimitPolicy::kFiles)] = config.files;
  budgets.of_client[static_cast<std::size_t>(model::LimitPolicy::kDownloads)] = config.downloads;
  budgets.auth_failures = config.auth_failures;
  return budgets;
}

http::RateLimits::Options LimitOptions(const config::Config& config) {
  const config::Config::RateLimits& limits = config.rate_limits;
  return {limits.window, LimitBudgets(limits), limits.max_addresses, limits.max_clients, limits.exempt};
}

}  // namespace

std::size_t EventLoops(const config::Config& config) {
  return config.net.loops > 0 ? config.net.loops : std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

namespace {

std::size_t DataPlaneWorkers(const config::Config& config) { return EventLoops(config) + config.net.pool_threads; }

std::size_t ControlThreads(const config::Config& config) {
  return config.control.listen.empty() ? 0 : config.control.threads;
}

}  // namespace

std::size_t Workers(const config::Config& config) { return DataPlaneWorkers(config) + ControlThreads(config); }

base::Result<Parts> OpenParts(const config::Config& config, const DataFolder& folder, Keeping keeping,
                              const base::Clock& clock, base::Logger& logger, TestMode* test_mode) {
  Certificate certificate(EventLoops(config) + ControlThreads(config), clock, logger);
  if (auto loaded = certificate.Load(config.tls); !loaded) return base::Fail(std::move(loaded).error());
  auto keys = service::SigningKeys::Open(folder.keys(), clock, logger);
  if (!keys) return base::Fail(std::move(keys).error());
  const bool durable = keeping == Keeping::kDurable;
  auto breakers = std::make_unique<service::Breakers>(config.breakers, clock, logger);
  auto blobs = blob::BlobStore::Open(folder.blobs(), durable ? blob::BlobStore::Sync::kYes : blob::BlobStore::Sync::kNo,
                                     resilience::Guard(breakers->blobs(), breakers->blob_writes()),
                                     test_mode != nullptr ? test_mode->blob_faults() : nullptr);
  if (!blobs) return base::Fail(std::move(blobs).error());
  store::Database::Options options;
  options.folder = folder.path();
  options.workers = Workers(config) + 1;  // StorageWatch reads as well
  options.list_workers = DataPlaneWorkers(config);
  options.page_cache = config.store.page_cache;
  options.durability = durable ? store::Durability::kFull : store::Durability::kNone;
  options.guard = resilience::Guard(breakers->database(), breakers->database_writes());
  if (test_mode != nullptr) options.faults = test_mode->database_faults();
  auto database = store::Database::Open(options, clock, logger);
  if (!database) return base::Fail(std::move(database).error());
  return Parts{std::move(breakers), *std::move(database),   *std::move(blobs),
               *std::move(keys),    std::move(certificate), folder.path()};
}

App::App(const config::Config& config, Parts parts, Listeners listeners, const base::Clock& clock, base::Logger& logger,
         TestMode* test_mode)
    : logger_(logger),
      started_(clock.Wall()),
      test_mode_(test_mode),
      parts_(std::move(parts)),
      certificate_end_(EndOf(parts_.certificate)),
      links_(*parts_.keys, config.signed_urls.ttl),
      access_(*parts_.database, links_, clock, Workers(config)),
      limits_(clock, LimitOptions(config)),
      configured_(config),
      context_{*parts_.database,
               parts_.blobs,
               links_,
               readiness_,
               *parts_.breakers,
               metrics_,
               api::Cursors(*parts_.keys),
               api::ErrorPages(),
               config.public_url,
               config.signed_urls.base_url,
               FallbackAuthority(listeners.data_plane)},
      router_(api::Routes(context_)),
      request_log_(logger, config.log.access),
      pipeline_(router_, access_, limits_, clock, request_log_,
                PipelineOptions(config, context_.fallback_authority, test_mode)),
      samples_(pipeline_.requests().Read(), clock),
      service_levels_(api::Objectives(), config.slo.availability_ppm, pipeline_.requests().Read(), clock),
      sampler_(pipeline_.requests(), samples_, service_levels_),
      storage_(*parts_.database, base::WorkerId{Workers(config)}, parts_.folder, clock),
      maintenance_(parts_, readiness_, access_, clock, logger),
      backups_(config.backup, parts_.folder, parts_.database->epoch(), clock, logger),
      purges_(*parts_.database, parts_.blobs, parts_.folder, config.deletion.retention, clock, logger),
      data_plane_url_(UrlOf(config, listeners.data_plane)),
      metrics_({CollectorOf({.pipeline = pipeline_,
                             .service_levels = service_levels_,
                             .limits = limits_,
                             .breakers = *parts_.breakers,
                             .links = links_,
                             .readiness = readiness_,
                             .storage = storage_,
                             .logger = logger,
                             .started = started_,
                             .data_plane = [this] { return Counts(); },
                             .certificate_end = [this] { return CertificateEnd(); }})}),
      server_(std::move(listeners.data_plane), pipeline_, clock, logger,
              ServerOptions(config, parts_.certificate, logger)) {
  counted_.store(&server_, std::memory_order_release);
  control_ = OpenControlPlane(config, std::move(listeners.control_plane), ControlHosts(config, listeners), clock);
}

net::Counts App::Counts() const {
  const net::Server* const server = counted_.load(std::memory_order_acquire);
  return server != nullptr ? server->Counts() : net::Counts{};
}

std::unique_ptr<ControlPlane> App::OpenControlPlane(const config::Config& config, std::optional<net::Listener> listener,
                                                    std::optional<http::OwnHosts> own_hosts, const base::Clock& clock) {
  if (!listener) return nullptr;
  control::Context context{*parts_.database,
                           parts_.blobs,
                           readiness_,
                           limits_,
                           *parts_.breakers,
                           samples_,
                           service_levels_,
                           config,
                           parts_.folder,
                           clock,
                           logger_,
                           metrics_,
                           request_log_,
                           started_,
                           [this] { return Counts(); },
                           [this] { return CertificateEnd(); }};
  if (test_mode_ != nullptr) {
    context.test_mode = &test_mode_->control();
    test_mode_->OnReset([this](base::FunctionRef<base::Status()> put_back) { return ResetForTest(put_back); });
  }
  return std::make_unique<ControlPlane>(
      *std::move(listener),
      ControlPlane::Surroundings{std::move(context), access_, data_plane_url_, std::move(own_hosts),
                                 ServerSettings(config, parts_.certificate, logger_), DataPlaneWorkers(config),
                                 EventLoops(config)});
}

base::Status App::ResetForTest(base::FunctionRef<base::Status()> put_back) {
  for (resilience::CircuitBreaker* breaker : parts_.breakers->All()) breaker->Reset();
  PutConfiguredBack();
  limits_.ResetAll();
  request_log_.ForgetErrors();
  return access_.ForgetUsesAround(put_back);
}

App::Configured::Configured(const config::Config& config)
    : budgets(LimitBudgets(config.rate_limits)), level(config.log.level), access(config.log.access) {}

void App::TakeConfigured(const config::Config& config) {
  {
    const base::MutexLock lock(configured_mu_);
    configured_ = Configured(config);
  }
  PutConfiguredBack();
}

void App::PutConfiguredBack() {
  const base::MutexLock lock(configured_mu_);
  limits_.SetBudgets(configured_.budgets);
  logger_.SetLevel(configured_.level);
  request_log_.SetAccess(configured_.access);
}

std::optional<base::WallTime> App::CertificateEnd() const {
  const base::WallTime end = certificate_end_;
  return end == base::WallTime{} ? std::nullopt : std::optional(end);
}

base::Status App::Reload(const config::Config& config) {
  if (auto loaded = parts_.certificate.Load(config.tls); !loaded) return loaded;
  certificate_end_ = EndOf(parts_.certificate);
  TakeConfigured(config);
  service_levels_.SetAvailabilityTarget(config.slo.availability_ppm);
  const net::Settings settings = ServerSettings(config, parts_.certificate, logger_);
  server_.Apply(settings);
  if (control_) control_->Apply(settings);
  return {};
}

void App::Drain() {
  readiness_.SetDraining();
  if (test_mode_ != nullptr) test_mode_->faults().End();
  std::thread control([this] {
    if (control_) control_->Drain();
  });
  server_.Drain();
  control.join();
}

}  // namespace portal::app

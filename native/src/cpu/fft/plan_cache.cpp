#include "cpu/fft/plan_cache.h"

#include <algorithm>
#include <list>
#include <mutex>

namespace mlx::core::cpu {
namespace {

constexpr size_t kMaxPlans = 32;
// Floats in all tables of the kept plans: 64 MB.
constexpr size_t kMaxTotalSize = size_t(1) << 24;

template <typename Plan>
class PlanCache {
 public:
  std::shared_ptr<const Plan> get(size_t length) {
    {
      std::lock_guard lock(mutex_);
      if (auto plan = find(length)) return plan;
    }
    // Outside of the lock: a plan takes its time, and asks for plans of other lengths.
    auto plan = std::make_shared<const Plan>(length);
    std::lock_guard lock(mutex_);
    if (auto other = find(length)) return other;
    if (plan->table_size() > kMaxTotalSize) return plan;
    plans_.push_front({length, plan});
    total_size_ += plan->table_size();
    while (plans_.size() > kMaxPlans || total_size_ > kMaxTotalSize) {
      total_size_ -= plans_.back().plan->table_size();
      plans_.pop_back();
    }
    return plan;
  }

 private:
  struct Entry {
    size_t length;
    std::shared_ptr<const Plan> plan;
  };

  std::shared_ptr<const Plan> find(size_t length) {
    auto at = std::ranges::find(plans_, length, &Entry::length);
    if (at == plans_.end()) return nullptr;
    plans_.splice(plans_.begin(), plans_, at);
    return at->plan;
  }

  std::mutex mutex_;
  /// The one used last comes first.
  std::list<Entry> plans_;
  size_t total_size_ = 0;
};

// Never destroyed: streams may compute while the process ends.
template <typename Plan>
PlanCache<Plan>& cache() {
  static auto* plans = new PlanCache<Plan>;
  return *plans;
}

}  // namespace

std::shared_ptr<const LinePlan> line_plan(size_t length) { return cache<LinePlan>().get(length); }

std::shared_ptr<const SpectrumPlan> spectrum_plan(size_t m) { return cache<SpectrumPlan>().get(m); }

}  // namespace mlx::core::cpu

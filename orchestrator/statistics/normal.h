// The standard normal distribution, from Boost.Math.
#pragma once

namespace turnout {

double normalQuantile(double p);     // 0 < p < 1
double normalTail(double z);         // P(Z > z)
double normalDensity(double z);      // at z
double zOfConfidence(double level);  // 0.95 -> 1.959964: both tails are left out
double twoSidedP(double z);          // P(|Z| > |z|)

}  // namespace turnout

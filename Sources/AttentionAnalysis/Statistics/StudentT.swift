/// Quantiles of Student's t distribution.
package enum StudentT {
  /// Half the width of a 95 % interval in standard errors that were estimated with this many
  /// degrees of freedom: the 97.5 % quantile. At least one degree.
  ///
  /// Up to 30 from a table (SciPy 1.17, `scipy.stats.t.ppf(0.975, n)`); beyond, the expansion
  /// around the normal quantile (Abramowitz and Stegun 26.7.5), which is within 4e-8 there.
  package static func reach(degrees: Int) -> Double {
    precondition(degrees >= 1, "no error without a degree of freedom")
    if degrees <= table.count { return table[degrees - 1] }
    let n = Double(degrees)
    return normal
      + (2.372_271_230_299 + (2.822_498_615_740 + (2.555_849_679_508 + 1.589_534_053_394 / n) / n)
        / n)
      / n
  }

  /// The 97.5 % quantile of the normal distribution.
  private static let normal = 1.959_963_984_540_054

  private static let table = [
    12.706_204_736_175, 4.302_652_729_749, 3.182_446_305_284, 2.776_445_105_198, 2.570_581_835_636,
    2.446_911_851_145, 2.364_624_251_593, 2.306_004_135_204, 2.262_157_162_798, 2.228_138_851_986,
    2.200_985_160_092, 2.178_812_829_667, 2.160_368_656_463, 2.144_786_687_918, 2.131_449_545_560,
    2.119_905_299_221, 2.109_815_577_833, 2.100_922_040_241, 2.093_024_054_408, 2.085_963_447_266,
    2.079_613_844_728, 2.073_873_067_904, 2.068_657_610_419, 2.063_898_561_628, 2.059_538_552_753,
    2.055_529_438_643, 2.051_830_516_480, 2.048_407_141_795, 2.045_229_642_133, 2.042_272_456_301,
  ]
}

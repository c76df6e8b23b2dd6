"""Tests, intervals and quantiles; pure functions of numbers, seeds included.

Counts of losses and wins, scores in [0, 1], seconds: nothing here knows a task, a run
or a verdict.  What a number means for a release is decided in `gating`.

    paired_binary   Tango's score test and interval, McNemar's mid-p, the least item count
    paired_exact    the score test made exact: its p-value, critical value and rejection region
    paired_region   the outcomes over a cut of the score, and their probability
    power           how often n items give an answer, and how many items that takes
    paired_scores   BCa interval, paired t, cluster-robust t, for differences in [-1, 1]
    estimated_mean  Student's t for a mean known with an error, and skewness
    bounded_mean    interval of a bounded mean from clusters, also where nothing varies
    ppi             the mean difference by human measure, from few labels and a judge
    stratified      such means and shares where labels were drawn by kinds of item
    agreement       Cohen's kappa and Krippendorff's alpha, of labels without an order
    e_process       evidence that may be looked at after every item
    e_steps         items, or clusters of items, on which such evidence bets
    e_hybrid        where it stops a run, and what that leaves to the test at the end
    e_interval      an interval that holds wherever a run was stopped
    multiplicity    Holm's adjustment, and the p-value of "all pass"
    joint_means     means of several cells on the same items, and contrasts that hold together
    with_best       how far cells are from the best of their kind, whichever that is
    two_samples     whether points come from one distribution, and how well they are told apart
    quantiles       ratio of latency quantiles by paired block bootstrap
    proportion      exact binomial tests and interval against a floor or a ceiling
    inputs          the refusals all of them share

Tests are one-sided and small p-values speak against the hypothesis named; intervals are
two-sided at 1 - 2 alpha, so that either bound answers to a one-sided test at alpha.
Whatever cannot be computed from raises `harness.errors.InvalidComparison`.
"""

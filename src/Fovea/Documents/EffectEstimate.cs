namespace Fovea.Documents;

/// <summary>
/// A mean over images with a 95 % interval for other images of the same kind: from the 2.5th to the 97.5th percentile of the means of 400
/// samples of the images, drawn by seed (percentile bootstrap).
/// </summary>
/// <param name="Mean">The mean; NaN over nothing.</param>
/// <param name="Lower">The interval's lower end; NaN for fewer than two images.</param>
/// <param name="Upper">Its upper end.</param>
public sealed record EffectEstimate(double Mean, double Lower, double Upper);

/// <summary>What a derivative predicts of effects on a logit, beside what is measured.</summary>
/// <param name="Mean">The mean predicted change over all images.</param>
/// <param name="Correlation">Pearson's correlation of predicted and measured over the images in which something changes; NaN where one of
/// them does not vary.</param>
/// <param name="Error">Σ|predicted − measured| / Σ|measured| over them: 0 for an exact prediction, 1 for one of no effect; NaN where
/// nothing is measured.</param>
public sealed record EffectPrediction(double Mean, double Correlation, double Error);

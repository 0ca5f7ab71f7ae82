namespace Fovea.Interventions.Effects;

/// <summary>What a change does on average.</summary>
/// <param name="Units">The units that are changed together.</param>
/// <param name="Images">Images judged, n.</param>
/// <param name="Active">Of these, in how many the change changes the layer at all.</param>
/// <param name="Top1">Share of the images whose class comes first before the change.</param>
/// <param name="Logit">The class's logit after the change less that before, over all images.</param>
/// <param name="Probability">Its probability, likewise.</param>
/// <param name="Accuracy">Top-1, likewise: below 0 where the change does harm.</param>
/// <param name="ActiveLogit">The class's logit over the images of <paramref name="Active"/>; NaN where there are none.</param>
/// <param name="Gradient">What the derivative predicts of the logit; null where none was asked for, or nothing changes.</param>
/// <param name="Integrated">What integrated gradients predict, likewise.</param>
/// <param name="Logits">The mean change of every class's logit over all images, whatever their class; empty where nothing changes.</param>
public sealed record EffectResult(
    IReadOnlyList<int> Units, int Images, int Active, double Top1, EffectEstimate Logit, EffectEstimate Probability,
    EffectEstimate Accuracy, EffectEstimate ActiveLogit, EffectPrediction? Gradient, EffectPrediction? Integrated,
    IReadOnlyList<double> Logits);

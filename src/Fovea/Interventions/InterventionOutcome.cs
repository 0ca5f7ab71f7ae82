using Fovea.Interpretation;

namespace Fovea.Interventions;

/// <summary>What an intervention does on one image.</summary>
/// <param name="Intervention">Its number in the list.</param>
/// <param name="Image">The image's index in the source.</param>
/// <param name="Original">The network as it is.</param>
/// <param name="Edited">With the intervention.</param>
/// <param name="Kl">KL(original ‖ edited) of the softmax distributions, in nats.</param>
/// <param name="LogitChange">The true class's logit with the intervention less that without.</param>
public readonly record struct InterventionOutcome(
    int Intervention, int Image, ImageScore Original, ImageScore Edited, double Kl, double LogitChange);

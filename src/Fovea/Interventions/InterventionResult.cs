using Fovea.Models.Edits;
using Fovea.Numerics;

namespace Fovea.Interventions;

/// <summary>What an intervention does on average, paired image by image with the network as it is.</summary>
/// <param name="Intervention">The intervention.</param>
/// <param name="Images">Images judged.</param>
/// <param name="Original">The network as it is.</param>
/// <param name="Edited">With the intervention.</param>
/// <param name="Kl">E KL(original ‖ edited), in nats.</param>
/// <param name="Top1Lost">Top-1 of the original less that of the edited network, with its paired 95 % interval.</param>
/// <param name="LossAdded">Loss of the edited network less that of the original, in nats, likewise.</param>
/// <param name="LogitChange">The true class's logit with the intervention less that without, likewise.</param>
public sealed record InterventionResult(
    Intervention Intervention, int Images, SpliceScores Original, SpliceScores Edited, double Kl, PairedDifference Top1Lost,
    PairedDifference LossAdded, PairedDifference LogitChange);

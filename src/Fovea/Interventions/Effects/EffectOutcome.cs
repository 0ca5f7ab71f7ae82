using Fovea.Interpretation;

namespace Fovea.Interventions.Effects;

/// <summary>What a change does to one image's class.</summary>
/// <param name="Set">The change's number.</param>
/// <param name="Image">The image's index in the source.</param>
/// <param name="Class">The class that is looked at: the image's own, or the one that the network names.</param>
/// <param name="Original">Before the change: the network, with the dictionary spliced in where its error is dropped.</param>
/// <param name="Edited">After it.</param>
/// <param name="LogitChange">The class's logit after the change less that before.</param>
/// <param name="Gradient">
/// The change that the derivative predicts, Σ Δ · ∂logit/∂x: exact where pooling and a linear head follow. NaN where none was asked for.
/// </param>
/// <param name="Integrated">
/// The same with the mean derivative on the way from 0 to the layer's output (integrated gradients, Sundararajan et al. 2017; for units of
/// a dictionary Marks et al. 2024). NaN where none was asked for.
/// </param>
/// <param name="Silent">Nothing changes: the units have the values already that they are given.</param>
public readonly record struct EffectOutcome(
    int Set, int Image, int Class, ImageScore Original, ImageScore Edited, double LogitChange, double Gradient, double Integrated,
    bool Silent)
{
    /// <summary>The class's probability after the change less that before.</summary>
    public double ProbabilityChange => Silent ? 0 : Math.Exp(-Edited.Loss) - Math.Exp(-Original.Loss);

    /// <summary>1 where the class becomes the first, −1 where it no longer is, 0 else.</summary>
    public int Top1Change => (Edited.Top1 ? 1 : 0) - (Original.Top1 ? 1 : 0);
}

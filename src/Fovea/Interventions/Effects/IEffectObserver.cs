using Fovea.Datasets;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>What <see cref="EffectPass"/> tells: batch by batch, in each the changes that are made.</summary>
internal interface IEffectObserver
{
    /// <summary>A batch begins.</summary>
    /// <param name="batch">The images.</param>
    /// <param name="classes">The class that is looked at of each; none for networks without classes.</param>
    /// <param name="own">The answers without a change, <c>[N, outputs]</c>.</param>
    /// <param name="target">The number that is looked at of each.</param>
    void Begin(ImageBatch batch, int[] classes, Tensor own, EffectTarget target);

    /// <summary>A change is asked for that changes nothing.</summary>
    /// <param name="set">Its number.</param>
    /// <param name="place">The image's place in the batch.</param>
    void Silent(int set, int place);

    /// <summary>Some changes were made.</summary>
    /// <param name="pairs">Set, place of the image in the batch, and predictions of the number's change (NaN: none).</param>
    /// <param name="changed">The answers after each, <c>[pairs, outputs]</c>; theirs until the call returns.</param>
    void Changed(IReadOnlyList<EffectPair> pairs, Tensor changed);
}

/// <summary>A change of one image's layer.</summary>
/// <param name="Set">The change's number.</param>
/// <param name="Place">The image's place in the batch.</param>
/// <param name="Gradient">The number's change by the derivative.</param>
/// <param name="Integrated">By integrated gradients.</param>
internal readonly record struct EffectPair(int Set, int Place, double Gradient, double Integrated);

using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>
/// The number of an image's answer that effects are effects on: the logit of a class, or, of a network without classes, how much of the
/// unchanged answer o is left of a changed one, o′: <code>a = ⟨o′, o⟩ / ‖o‖²</code> which is 1 for o′ = o, 0 for nothing in common, and
/// linear in o′ as a logit is.
/// </summary>
internal sealed class EffectTarget
{
    private readonly Tensor? _classes, _weights;

    private EffectTarget(Tensor? classes, Tensor? weights) => (_classes, _weights) = (classes, weights);

    /// <summary>The logits of classes, one an image; its tensor joins the current dispose scope.</summary>
    public static EffectTarget OfClasses(int[] classes, Device device) =>
        new(tensor([.. classes.Select(one => (long)one)], [classes.Length, 1], device: device), null);

    /// <summary>What is left of answers, <c>[N, outputs]</c>; its tensor joins the current dispose scope.</summary>
    public static EffectTarget OfAnswers(Tensor unchanged)
    {
        using var scope = NewDisposeScope();
        Tensor squares = unchanged.square().sum([1L], keepdim: true);
        // An answer of zeros has nothing that could be lost.
        return new EffectTarget(null, (unchanged / squares.where(squares.gt(0), 1)).MoveToOuterDisposeScope());
    }

    /// <summary>The numbers, <c>[P, 1]</c>; differentiable.</summary>
    /// <param name="answers"><c>[P, outputs]</c>.</param>
    /// <param name="places">Which image each stands for, <c>[P]</c>, int64; null: one each, in their order.</param>
    public Tensor Of(Tensor answers, Tensor? places = null) => _classes is { } classes
        ? answers.gather(1, places is null ? classes : classes.index_select(0, places))
        : (answers * (places is null ? _weights! : _weights!.index_select(0, places))).sum([1L], keepdim: true);
}

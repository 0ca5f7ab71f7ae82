using static TorchSharp.torch;

namespace Fovea.Activations.Filters.ClassActivation;

/// <summary>
/// A class activation map: what each position of a layer says for the class, positive, or against it, negative. A new method overrides
/// <see cref="Evidence"/> and has a line in <see cref="PatchScores"/>. Formulas hold for negative activations, as LeakyReLU gives them;
/// where a published one does not, its file says what is done and that nothing changes where activations are not negative.
/// </summary>
/// <param name="name">Name in recipes and folders.</param>
/// <param name="formula">The formula of the signed map in one line.</param>
/// <param name="needs">What it is computed from.</param>
public abstract class ClassActivationMap(string name, string formula, LayerNeed needs) : IPatchScore
{
    /// <inheritdoc/>
    public string Name => name;

    /// <summary>The formula of the signed map in one line.</summary>
    public string SignedFormula => formula;

    /// <summary>The formula of what is drawn from.</summary>
    public virtual string Formula => $"ReLU({formula})";

    /// <inheritdoc/>
    public LayerNeed Needs => needs;

    /// <summary>The signed map, before any rectification or scaling.</summary>
    /// <param name="evidence">The layer's output and what <see cref="Needs"/> asks for.</param>
    /// <returns><c>[N, H, W]</c>, the caller's.</returns>
    /// <exception cref="InvalidOperationException">The evidence lacks what <see cref="Needs"/> asks for.</exception>
    public Tensor Map(LayerEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return Evidence(evidence).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Score(LayerEvidence evidence)
    {
        using var map = Map(evidence);
        return Drawn(map);
    }

    /// <summary>What positions are drawn by: never negative, or NaN.</summary>
    /// <param name="map">Signed maps, <c>[N, H, W]</c>.</param>
    /// <returns>The same shape, the caller's.</returns>
    public Tensor Drawn(Tensor map)
    {
        ArgumentNullException.ThrowIfNull(map);
        using var scope = NewDisposeScope();
        return Weights(map).MoveToOuterDisposeScope();
    }

    /// <summary>The signed map, <c>[N, H, W]</c>; called in a dispose scope of its own, without gradients.</summary>
    protected abstract Tensor Evidence(LayerEvidence evidence);

    /// <summary>The signed map made non-negative: rectified, unless a method says otherwise. Called in a dispose scope.</summary>
    protected virtual Tensor Weights(Tensor map) => map.relu();
}

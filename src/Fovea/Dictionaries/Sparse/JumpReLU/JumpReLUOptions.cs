using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>JumpReLU: the number of active latents is penalised.</summary>
public sealed record JumpReLUOptions() : VariantOptions(1)
{
    /// <inheritdoc/>
    public override string Architecture => JumpReLUAutoencoder.VariantName;

    /// <summary>JumpReLU only: what is minimised to be sparse: <c>step</c>, <c>tanh</c> or <c>target</c>.</summary>
    public JumpReLUPenalty Penalty { get; init; }

    /// <summary>JumpReLU with <c>penalty = "target"</c>: active latents a vector on average; <c>sparsity</c> says how strictly.</summary>
    public double TargetL0 { get; init; } = JumpReLUAutoencoder.DefaultTargetL0;

    /// <summary>JumpReLU with <c>penalty = "tanh"</c>: s, how steep it is.</summary>
    public double TanhScale { get; init; } = JumpReLUAutoencoder.DefaultTanhScale;

    /// <summary>JumpReLU only: ε, the width of the window in which thresholds get gradients.</summary>
    public double Bandwidth { get; init; } = JumpReLUAutoencoder.DefaultBandwidth;

    /// <summary>JumpReLU only: the thresholds at the start; absent: √<c>sparsity</c>, and 1 with <c>penalty = "target"</c>.</summary>
    public double? InitialThreshold { get; init; }

    internal override SparseAutoencoder Create(int inputSize, int latentSize, ScalarType dtype) =>
        new JumpReLUAutoencoder(inputSize, latentSize, Sparsity, Bandwidth, InitialThreshold, dtype, Penalty, TargetL0, TanhScale);

    internal override IEnumerable<(string Property, string? Problem)> Problems() =>
    [
        (nameof(TargetL0), RuleProblems.Positive(TargetL0)),
        (nameof(TanhScale), RuleProblems.Positive(TanhScale)),
        (nameof(Bandwidth), RuleProblems.Positive(Bandwidth)),
        (nameof(InitialThreshold), InitialThreshold is { } start ? RuleProblems.AtLeast(start, 0.0) : null),
    ];
}

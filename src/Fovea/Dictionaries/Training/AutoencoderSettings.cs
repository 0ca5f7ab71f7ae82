using System.Text.Json.Serialization;
using Fovea.Dictionaries.Sparse;

namespace Fovea.Dictionaries.Training;

/// <summary>What a variant is made from besides sizes; a variant reads those that concern it and leaves the others null when it describes itself.</summary>
public sealed record AutoencoderSettings
{
    /// <summary>k of TopK, the coefficient of L1, JumpReLU and Gated.</summary>
    public double Sparsity { get; init; }

    /// <summary>L1: latents below it are zero at inference.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Clip { get; init; }

    /// <summary>L1: the encoder is the decoder's transpose.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Tied { get; init; }

    /// <summary>L1: biases are trained.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Biases { get; init; }

    /// <summary>JumpReLU: ε.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Bandwidth { get; init; }

    /// <summary>JumpReLU: the thresholds at the start.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? InitialThreshold { get; init; }

    /// <summary>JumpReLU: the penalty's form; null is the step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JumpReLUPenalty? Penalty { get; init; }

    /// <summary>JumpReLU with a target: T.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TargetL0 { get; init; }

    /// <summary>JumpReLU with tanh: s.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TanhScale { get; init; }

    /// <summary>TopK: k₂, the larger k that training also reconstructs from; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? SecondK { get; init; }

    /// <summary>TopK: the weight of that reconstruction.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SecondWeight { get; init; }
}

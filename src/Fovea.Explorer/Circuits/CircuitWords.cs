using System.Globalization;
using Fovea.Explorer.Components;
using Fovea.Explorer.Contents;

namespace Fovea.Explorer.Circuits;

/// <summary>What pages say of circuits.</summary>
internal static class CircuitWords
{
    /// <summary>A share with its interval, where it has one.</summary>
    public static string Percent(EffectEstimate? one) => one is null ? Format.Unknown
        : Format.Percent(one.Mean) + (double.IsFinite(one.Lower) ? $" ({Format.PercentRange(one.Lower, one.Upper)})" : "");

    /// <summary>A number with its interval, where it has one.</summary>
    public static string Number(EffectEstimate one) =>
        Format.Number(one.Mean) + (double.IsFinite(one.Lower) ? $" ({Format.Range(one.Lower, one.Upper)})" : "");

    /// <summary>A node's name: its unit's number, or error.</summary>
    public static string Name(CircuitNodeRecord node) => node.Unit?.ToString(CultureInfo.InvariantCulture) ?? "error";

    /// <summary>A node in words.</summary>
    public static string Said(CircuitDocument circuit, CircuitNodeRecord node)
    {
        string source = node.Layer == circuit.From.Layer ? circuit.From.Source : circuit.To.Source;
        return node.Unit is { } unit ? $"{(source == RunLayout.Neurons ? "neuron" : "latent")} {unit} of {node.Layer}"
            : $"what {source} leaves of {node.Layer}";
    }

    /// <summary>A graph in words.</summary>
    public static string Curve(string name) => name switch
    {
        "circuit" => "this circuit",
        RunLayout.Neurons => "as many neurons",
        "random" => "random nodes",
        _ => name,
    };

    /// <summary>What is explained, as a clause.</summary>
    public static string Explained(CircuitContents one) => one.Document.Target.Kind switch
    {
        "unit" => $"the mean of {one.Title} over its positions",
        _ when one.Document.Target.VersusName is { } versus => $"the logit of {one.Document.Target.Name} less that of {versus}",
        _ => $"the logit of {one.Document.Target.Name}",
    };
}

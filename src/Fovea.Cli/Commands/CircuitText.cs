using System.Globalization;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Commands;

/// <summary>A circuit as the terminal shows it.</summary>
internal static class CircuitText
{
    /// <summary>Edges that are named.</summary>
    private const int Listed = 12;

    public static void Write(TextWriter text, CircuitDocument circuit, string file)
    {
        string versus = circuit.Target.VersusName is { } other ? $" less {other}" : "";
        text.WriteLine(
            $"{circuit.Target.Name}{versus}: {Layer(circuit.From)} to {Layer(circuit.To)}; {Humane.Count(circuit.Nodes.Count)} nodes, "
            + $"{Humane.Count(circuit.Edges.Count)} edges; chosen on {Humane.Count(circuit.ChosenOn)} images, measured on "
            + $"{Humane.Count(circuit.Images)}{(circuit.HeldOut ? " others" : "")}");
        text.WriteLine(
            Format($"  whole {circuit.Whole.Mean:0.000}, with everything taken out ({circuit.Baseline}) {circuit.Nothing.Mean:0.000}"));
        text.WriteLine($"  {"faithfulness",-12} {Row(circuit.Curves[0], point => $"{point.Nodes}")}");
        foreach (CircuitCurveRecord curve in circuit.Curves)
            text.WriteLine($"  {curve.Name,-12} {Row(curve, point => Interval(point.Faithfulness))}");
        text.WriteLine($"  {"left without",-12} {Row(circuit.Curves[0], point => Interval(point.Completeness))}");
        if (circuit.EdgeFaithfulness is { } cut) text.WriteLine($"  with all edges cut that are not drawn: {Interval(cut)}");
        var verdicts = CircuitVerdicts.All.Select(one => $"{circuit.Edges.Count(edge => edge.Verdict == one)} {one}");
        text.WriteLine($"  edges: {string.Join(", ", verdicts)}");
        text.WriteLine($"  {"edge",-28} {"gradient",9} {"integrated",10} {"measured (95 %)",26}");
        foreach (CircuitEdgeRecord edge in circuit.Edges.OrderByDescending(edge => Math.Abs(edge.Effect.Mean)).Take(Listed))
        {
            string ends = $"{Node(circuit, edge.From)} → {(edge.To is { } to ? Node(circuit, to) : "target")}";
            text.WriteLine(Format(
                $"  {ends,-28} {edge.Gradient,9:0.0000} {edge.Integrated,10:0.0000} {Interval(edge.Effect),26}  {edge.Verdict}"));
        }
        text.WriteLine(circuit.Survives ? "It survives the test." : "It fails the test.");
        foreach (string finding in circuit.Findings) text.WriteLine($"  {CircuitFindings.Sentence(finding)}");
        text.WriteLine(file);
    }

    private static string Layer(CircuitLayerRecord layer) => $"{layer.Layer} ({layer.Source})";

    private static string Row(CircuitCurveRecord curve, Func<CircuitPoint, string> cell) =>
        string.Concat(curve.Points.Select(point => $"{cell(point),22}"));

    private static string Node(CircuitDocument circuit, int place) =>
        $"{circuit.Nodes[place].Layer}/{circuit.Nodes[place].Unit?.ToString(CultureInfo.InvariantCulture) ?? "error"}";

    private static string Interval(EffectEstimate one) => double.IsNaN(one.Lower) ? Format($"{one.Mean:0.000}")
        : Format($"{one.Mean:0.000} ({one.Lower:0.00}…{one.Upper:0.00})");

    private static string Format(FormattableString text) => FormattableString.Invariant(text);
}

using System.Globalization;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>A network of one operator: what it is given, by which version of the operators, and how many results it has.</summary>
/// <param name="Operator">ONNX's name.</param>
/// <param name="Opset">The version of the operators.</param>
/// <param name="Inputs">Makes the inputs; null is an absent one. Those after the first ones (Unknown) are tensors of the file.</param>
/// <param name="Attributes">The attributes.</param>
internal sealed record OperatorCase(
    string Operator, long Opset, Func<Tensor?[]> Inputs, params (string Name, object Value)[] Attributes)
{
    /// <summary>How many inputs are not known when the file is read.</summary>
    public int Unknown { get; init; } = 1;

    /// <summary>Number of results.</summary>
    public int Results { get; init; } = 1;

    /// <summary>ONNX's number of the results' type; of all but the first where there are several.</summary>
    public int Type { get; init; } = 1;

    /// <summary>How far results may be apart, as a part of the largest.</summary>
    public double Tolerance { get; init; } = 1e-5;

    public string Name => $"{Operator} {Opset.ToString(CultureInfo.InvariantCulture)} "
        + string.Join(" ", Attributes.Select(one => $"{one.Name}={Shown(one.Value)}")) + $" ({Shapes})";

    private string Shapes
    {
        get
        {
            using var scope = NewDisposeScope();
            return string.Join(", ", Inputs().Select(input => input switch
            {
                null => "-",
                var small when small.numel() <= 8 && !small.is_floating_point() =>
                    $"{{{string.Join(" ", small.to(int64).flatten().data<long>().ToArray())}}}",
                _ => $"[{string.Join(" ", input.shape)}]",
            }));
        }
    }

    /// <summary>Writes the file.</summary>
    /// <returns>The file and the inputs that it takes.</returns>
    public (string Path, Dictionary<string, Tensor> Given) Save(string folder)
    {
        var net = new OnnxNet(Opset, version: Opset < 9 ? 3 : 8);
        Dictionary<string, Tensor> given = [];
        Tensor?[] inputs = Inputs();
        string[] names = [.. inputs.Select((input, i) => input is null ? "" : string.Create(CultureInfo.InvariantCulture, $"x{i}"))];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is not { } value) continue;
            if (i < Unknown || Opset < 9) net.Input(names[i], OnnxNet.TypeOf(value.dtype), value.shape);
            if (i < Unknown) given[names[i]] = value;
            else net.Tensor(names[i], value);
        }
        string[] results = [.. Enumerable.Range(0, Results).Select(i => string.Create(CultureInfo.InvariantCulture, $"y{i}"))];
        net.Node(Operator, names, results, Attributes);
        for (int i = 0; i < results.Length; i++) net.Output(results[i], Results == 1 || i > 0 ? Type : 1);
        return (net.Save(folder), given);
    }

    private static string Shown(object value) => value switch
    {
        Array many => string.Join(",", many.Cast<object>().Select(one => Convert.ToString(one, CultureInfo.InvariantCulture))),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}

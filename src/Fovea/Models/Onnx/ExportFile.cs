using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>
/// The messages of an ONNX file (onnx.proto of ONNX 1.12: IR 8): the model, its graph, and what Fovea says about its use in
/// <c>metadata_props</c>.
/// </summary>
internal sealed class ExportFile(NetworkGraph network, ImageModel model, ExportTrace trace, ExportGraph graph)
{
    /// <summary>The version of the format; its number of bytes a message may have is the format's.</summary>
    public const int Version = 8;

    private const string BatchName = "N";

    /// <summary>The whole file; tensors are read when it is written.</summary>
    public ExportMessage Message(bool preprocessing)
    {
        ExportMessage whole = Graph([network.Output]);
        foreach (string value in trace.Nodes.SelectMany(node => node.Outputs).Where(trace.Has))
            if (value != network.Output) whole.Message(13, Value(value));
        ExportMessage file = File(whole);
        foreach (var (key, value) in Metadata(preprocessing)) file.Message(14, new ExportMessage().Text(1, key).Text(2, value));
        return file;
    }

    /// <summary>The file for a program that runs it at once: graph and weights, with any values as outputs.</summary>
    public ExportMessage ForReading(IReadOnlyList<string> outputs) => File(Graph(outputs));

    private static ExportMessage File(ExportMessage graph) =>
        new ExportMessage().Number(1, Version).Text(2, "Fovea").Text(3, ProgramVersion()).Message(7, graph)
            .Message(8, new ExportMessage().Text(1, "").Number(2, OnnxExport.Opset));

    private ExportMessage Graph(IReadOnlyList<string> outputs)
    {
        var message = new ExportMessage();
        ILookup<string, string> layers = network.Layers.ToLookup(layer => layer.Value, layer => layer.Name, StringComparer.Ordinal);
        foreach (ExportNode node in graph.Nodes) message.Message(1, Node(node, layers));
        message.Text(2, network.Name);
        foreach (var (name, tensor) in graph.Tensors) message.Message(5, Stored(name, tensor));
        message.Message(11, Value(network.Input));
        foreach (string output in outputs) message.Message(12, Value(output));
        return message;
    }

    private static ExportMessage Node(ExportNode node, ILookup<string, string> layers)
    {
        var message = new ExportMessage();
        foreach (string input in node.Inputs) message.Text(1, input);
        foreach (string output in node.Outputs) message.Text(2, output);
        message.Text(3, node.Outputs.First(output => output.Length > 0)).Text(4, node.Operator);
        foreach (var (name, value) in node.Attributes) message.Message(5, Attribute(name, value));
        string[] names = [.. node.Outputs.SelectMany(output => layers[output])];
        if (names.Length > 0) message.Text(6, $"layers: {string.Join(", ", names)}");
        return message;
    }

    private static ExportMessage Attribute(string name, object value)
    {
        ExportMessage message = new ExportMessage().Text(1, name);
        switch (value)
        {
            case float number: return message.Single(2, number).Number(20, 1);
            case long whole: return message.Number(3, whole).Number(20, 2);
            case string text: return message.Text(4, text).Number(20, 3);
            case long[] wholes:
                foreach (long one in wholes) message.Number(8, one);
                return message.Number(20, 7);
            default: throw new ArgumentException($"{name}: {value.GetType().Name} is no type of an attribute.", nameof(value));
        }
    }

    private static ExportMessage Stored(string name, Tensor tensor)
    {
        var message = new ExportMessage();
        foreach (long size in tensor.shape) message.Number(1, size);
        ElementType type = ElementTypes.Of(tensor.dtype);
        return message.Number(2, ExportTypes.NumberOf(type)).Text(8, name)
            .Data(9, tensor.numel() * type.SizeInBytes(), stream => TensorBytes.Write(tensor, stream));
    }

    private ExportMessage Value(string name)
    {
        var shape = new ExportMessage();
        foreach (ExportSize size in trace[name].Sizes)
        {
            var dimension = new ExportMessage();
            if (size.PerImage) dimension.Text(2, Symbol(size.Count));
            else dimension.Number(1, size.Count);
            shape.Message(1, dimension);
        }
        ExportMessage tensor = new ExportMessage().Number(1, ExportTypes.NumberOf(trace[name].Type)).Message(2, shape);
        return new ExportMessage().Text(1, name).Message(2, new ExportMessage().Message(1, tensor));
    }

    private static string Symbol(long each) => each == 1 ? BatchName : string.Create(CultureInfo.InvariantCulture, $"{each}*{BatchName}");

    /// <summary>What docs/reference/networks.md lists.</summary>
    private IEnumerable<(string Key, string Value)> Metadata(bool preprocessing)
    {
        yield return ("fovea.architecture", model.Architecture);
        if (model.Classes is { } classes)
        {
            yield return ("fovea.class_ids", Json(json => List(json, classes.Select(one => one.Id))));
            yield return ("fovea.classes", Json(json => List(json, classes.Select(one => one.Name))));
        }
        GraphLayer[] others = [.. network.Layers.Where(layer => layer.Name != layer.Value && trace.Has(layer.Value))];
        if (others.Length > 0)
        {
            yield return ("fovea.layers", Json(json =>
            {
                json.WriteStartObject();
                foreach (GraphLayer layer in others) json.WriteString(layer.Name, layer.Value);
                json.WriteEndObject();
            }));
        }
        if (model.Flow != GradientFlow.Standard)
        {
            yield return ("fovea.modification", Json(json =>
            {
                json.WriteStartObject();
                json.WriteBoolean("average_pooling", model.Flow.AveragePooling);
                json.WriteNumber("leaky_slope", model.Flow.LeakySlope);
                json.WriteEndObject();
            }));
        }
        if (preprocessing) yield return ("fovea.preprocessing", Json(Preprocessing));
    }

    private void Preprocessing(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (model.Preprocessing.Resize is { } resize) json.WriteNumber("resize", resize);
        if (model.Preprocessing.Crop is { } crop) json.WriteNumber("crop", crop);
        if (model.Preprocessing.Width is { } width) json.WriteNumber("width", width);
        foreach (var (name, values) in ((string, float[])[])[("mean", model.Preprocessing.Mean), ("std", model.Preprocessing.Std)])
        {
            json.WriteStartArray(name);
            foreach (float value in values) json.WriteNumberValue(value);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void List(Utf8JsonWriter json, IEnumerable<string> words)
    {
        json.WriteStartArray();
        foreach (string word in words) json.WriteStringValue(word);
        json.WriteEndArray();
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string ProgramVersion() => typeof(ExportFile).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
        ?.InformationalVersion.Split('+')[0] ?? "";
}

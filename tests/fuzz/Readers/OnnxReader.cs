using Fovea.Fuzz.Changes;
using Fovea.Models.Onnx;
using Fovea.Numerics;
using Fovea.Tests.Models.Onnx;
using static TorchSharp.torch;

namespace Fovea.Fuzz.Readers;

/// <summary>ONNX files as they are parsed: the messages, and the tensors in them.</summary>
internal sealed class OnnxReader : FuzzReader
{
    public override string Name => "onnx";

    public override string About => "ONNX files: messages and tensors, without the network (OnnxParser, OnnxTensors)";

    public override IReadOnlyList<string> Types =>
        ["Fovea.Models.Onnx.OnnxParser", "Fovea.Models.Onnx.ProtoReader", "Fovea.Models.Onnx.OnnxTensors", "Fovea.Models.Onnx.OnnxVersions"];

    public override bool Native => true;

    /// <summary>Small networks.</summary>
    public static IReadOnlyList<byte[]> Networks() =>
    [
        SmallNets.Classifier().Bytes(), SmallNets.Classifier(2).Bytes(), SmallNets.Constants().Bytes(), SmallNets.Rows().Bytes(),
        SmallNets.ColoursLast(8, 8).Bytes(), SmallNets.ColoursLast(0, 0).Bytes(),
        SmallNets.WithWeight(SmallNets.Outside("w", "weights.bin", ("offset", "0"), ("length", "64"))),
    ];

    public override IReadOnlyList<byte[]> Seeds() => Networks();

    public override byte[] Change(byte[] input, CounterRandom random) => ProtoChanges.Any(input, random);

    public override void Read(byte[] input)
    {
        using var scope = NewDisposeScope();
        string path = File(input, "net.onnx");
        using var reader = new ProtoReader(path);
        OnnxModel model = new OnnxParser(reader).Read();
        OnnxVersions.Require(model, path);
        using var tensors = new OnnxTensors(reader, path);
        foreach (OnnxTensor tensor in model.Graph?.Tensors ?? []) tensors.Read(tensor);
    }
}

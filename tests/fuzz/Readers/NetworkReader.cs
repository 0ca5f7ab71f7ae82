using Fovea.Fuzz.Changes;
using Fovea.Models;
using Fovea.Numerics;

namespace Fovea.Fuzz.Readers;

/// <summary>A network of a file as every command opens it: parsed, made a graph and tried. Slower by far than the parsing alone.</summary>
internal sealed class NetworkReader(string name) : FuzzReader
{
    private readonly bool _pt2 = name == "pt2-network";
    private bool _sized;

    public override string Name => name;

    public override string About => $"{(_pt2 ? ".pt2" : "ONNX")} files with the network made and tried (NetworkFile.Open)";

    public override IReadOnlyList<string> Types => [_pt2 ? "Fovea.Models.Pt2." : "Fovea.Models.Onnx.Onnx", "Fovea.Models.Import."];

    public override bool Native => true;

    public override IReadOnlyList<byte[]> Seeds() => _pt2 ? Pt2Reader.Programs() : OnnxReader.Networks();

    public override byte[] Change(byte[] input, CounterRandom random) =>
        _pt2 ? Pt2Reader.Changed(input, random) : ProtoChanges.Any(input, random);

    public override void Read(byte[] input)
    {
        // A file that leaves the size of images open is read for one, too.
        _sized = !_sized;
        NetworkFile.Open(File(input, _pt2 ? "net.pt2" : "net.onnx"), images: _sized ? (8, 8) : null).Dispose();
    }
}

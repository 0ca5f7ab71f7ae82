using Fovea.Numerics;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Kernels;

/// <summary>Adam's moments of one parameter, in the layout that the step keeps the parameter in.</summary>
internal unsafe class AdamState(long length) : IDisposable
{
    private readonly NativeBuffer<float> _mean = new(length), _square = new(length);

    public float* Mean => _mean.Pointer;

    public float* Square => _square.Pointer;

    /// <summary>Updates elements <paramref name="start"/> … of the parameter; <paramref name="gradient"/> begins there.</summary>
    public void Update(float* parameter, float* gradient, long start, int count, in AdamKernel.Factors factors) =>
        AdamKernel.Update(parameter + start, gradient, Mean + start, Square + start, count, factors);

    /// <summary>Has elements <paramref name="start"/> … brought into the cache, for an update that is soon to come.</summary>
    public void Fetch(float* parameter, long start, int count)
    {
        VectorMath.Fetch(parameter + start, count);
        VectorMath.Fetch(Mean + start, count);
        VectorMath.Fetch(Square + start, count);
    }

    /// <summary>Adds copies under <see cref="Adam.ExportState"/>'s names, in the parameter's shape.</summary>
    public void Export(string name, long[] shape, Dictionary<string, Tensor> state)
    {
        foreach (var (prefix, values) in Named())
        {
            var tensor = empty(shape);
            Unpack(values, TensorMemory.Floats(tensor));
            state.Add(prefix + name, tensor);
        }
    }

    /// <summary>Takes over what <see cref="Export"/> gave.</summary>
    /// <exception cref="FoveaException">Data: a tensor is missing, of another type or of another shape.</exception>
    public void Import(string name, long[] shape, IReadOnlyDictionary<string, Tensor> state)
    {
        foreach (var (prefix, values) in Named())
        {
            using var contiguous = StateTensors.Find(state, prefix + name, ScalarType.Float32, shape).contiguous();
            Pack(TensorMemory.Floats(contiguous), values);
        }
    }

    public virtual void Dispose()
    {
        _mean.Dispose();
        _square.Dispose();
    }

    /// <summary>From the step's layout to the parameter's.</summary>
    private protected virtual void Unpack(NativeBuffer<float> values, float* destination) =>
        NativeBuffer<float>.Copy(values.Pointer, destination, values.Length);

    /// <summary>From the parameter's layout to the step's.</summary>
    private protected virtual void Pack(float* source, NativeBuffer<float> values) =>
        NativeBuffer<float>.Copy(source, values.Pointer, values.Length);

    private (string Prefix, NativeBuffer<float> Values)[] Named() => [("exp_avg.", _mean), ("exp_avg_sq.", _square)];
}

/// <summary>Moments of a parameter <c>[d, n]</c> in the layout of <see cref="PanelMatrix"/>.</summary>
internal sealed unsafe class PanelState(int rows, int columns) : AdamState((long)rows * PanelMatrix.Padded(columns))
{
    private protected override void Unpack(NativeBuffer<float> values, float* destination) =>
        PanelMatrix.Unpack(values.Pointer, rows, columns, destination);

    private protected override void Pack(float* source, NativeBuffer<float> values) =>
        PanelMatrix.Pack(source, rows, columns, values.Pointer);
}

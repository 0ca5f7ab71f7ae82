using Fovea.Models.Torch;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Training;

/// <summary>
/// Adam (Kingma and Ba 2015, algorithm 1) with PyTorch's arithmetic: for gradient g (+ λp), step t and learning rate η
/// <code>
/// m ← m + (1−β₁)(g − m)      v ← β₂v + (1−β₂)g²
/// p ← p − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)
/// </code>
/// Float32 parameters in main memory are updated in one fused pass (<see cref="AdamKernel"/>), others by tensor operations. The moments are
/// open to be saved, so that training can be resumed exactly. Not thread-safe.
/// </summary>
public sealed class Adam : IDisposable
{
    private readonly AdamOptions _options;
    private readonly Slot[] _slots;

    /// <summary>An optimizer of the given parameters, which stay the caller's.</summary>
    /// <exception cref="ArgumentException">A name stands twice.</exception>
    /// <exception cref="FoveaException">An option cannot be used.</exception>
    public Adam(IEnumerable<(string Name, Tensor Parameter)> parameters, AdamOptions? options = null)
    {
        _options = options ?? new AdamOptions();
        _options.Validate();
        using var scope = NewDisposeScope();
        _slots = [.. parameters.Select(p => new Slot(p.Name, p.Parameter))];
        if (_slots.Select(slot => slot.Name).Distinct(StringComparer.Ordinal).Count() != _slots.Length)
            throw new ArgumentException("Two parameters have the same name.", nameof(parameters));
    }

    /// <summary>Updates every parameter that has a gradient.</summary>
    /// <param name="learningRate">η of this step.</param>
    public void Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var fused = new List<AdamKernel.Work>(_slots.Length);
        foreach (var slot in _slots)
        {
            var gradient = slot.Parameter.grad;
            if (gradient is null) continue;
            slot.Steps++;
            double correction1 = 1 - Math.Pow(_options.Beta1, slot.Steps), correction2 = 1 - Math.Pow(_options.Beta2, slot.Steps);
            double rate = learningRate / correction1, scale = Math.Sqrt(correction2);
            if (slot.Fusible)
                fused.Add(new AdamKernel.Work(slot.Parameter, gradient.contiguous(), slot.Mean, slot.Square, (float)rate, (float)scale));
            else StepByOperations(slot, gradient, rate, scale);
        }
        if (fused.Count == 0) return;
        FastPaths.Ran(FastPath.FusedAdam);
        AdamKernel.Run(fused, _options);
        foreach (var work in fused) TensorVersions.Written(work.Parameter);
    }

    /// <summary>Drops all gradients; the next backward pass makes new ones.</summary>
    public void ZeroGrad()
    {
        foreach (var slot in _slots) slot.Parameter.grad = null;
    }

    /// <summary>
    /// Everything needed to go on later, by name: <c>exp_avg.NAME</c>, <c>exp_avg_sq.NAME</c> (the parameter's shape) and <c>step.NAME</c>
    /// (int64 scalar). Copies in main memory; the caller owns them.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> ExportState()
    {
        var state = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var slot in _slots)
        {
            state.Add("exp_avg." + slot.Name, Copy(slot.Mean));
            state.Add("exp_avg_sq." + slot.Name, Copy(slot.Square));
            state.Add("step." + slot.Name, tensor(slot.Steps, int64));
        }
        return state;
    }

    /// <summary>Takes over a state that <see cref="ExportState"/> gave; the tensors stay the caller's.</summary>
    /// <exception cref="FoveaException">A tensor is missing or has another shape.</exception>
    public void ImportState(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var slot in _slots)
        {
            slot.Mean.copy_(Find(state, "exp_avg." + slot.Name, slot.Mean.shape));
            slot.Square.copy_(Find(state, "exp_avg_sq." + slot.Name, slot.Square.shape));
            slot.Steps = Find(state, "step." + slot.Name, []).item<long>();
        }
    }

    /// <summary>Frees the moments.</summary>
    public void Dispose()
    {
        foreach (var slot in _slots) slot.Dispose();
    }

    // The plain form of the equations above, for other devices and types; the tests hold the fused pass against it.
    private void StepByOperations(Slot slot, Tensor gradient, double rate, double scale)
    {
        if (_options.WeightDecay != 0) gradient = gradient + _options.WeightDecay * slot.Parameter;
        slot.Mean.add_((gradient - slot.Mean) * (1 - _options.Beta1));
        slot.Square.mul_(_options.Beta2).add_(gradient * gradient * (1 - _options.Beta2));
        slot.Parameter.sub_(slot.Mean / (slot.Square.sqrt() / scale + _options.Epsilon) * rate);
    }

    private static Tensor Copy(Tensor moment)
    {
        using var quiet = no_grad();
        return moment.device_type == TorchSharp.DeviceType.CPU ? moment.clone() : moment.cpu();
    }

    private static Tensor Find(IReadOnlyDictionary<string, Tensor> state, string name, long[] shape)
    {
        if (!state.TryGetValue(name, out var found))
            throw FoveaException.BadData($"The optimizer's state has no {name}: it belongs to another network.");
        if (!found.shape.AsSpan().SequenceEqual(shape))
            throw FoveaException.BadData(
                $"{name} of the optimizer's state has shape [{string.Join(", ", found.shape)}], expected [{string.Join(", ", shape)}].");
        return found;
    }

    private sealed class Slot : IDisposable
    {
        public Slot(string name, Tensor parameter)
        {
            (Name, Parameter) = (name, parameter);
            using var quiet = no_grad();
            Mean = zeros_like(parameter).DetachFromDisposeScope();
            Square = zeros_like(parameter).DetachFromDisposeScope();
            Fusible = parameter.device_type == TorchSharp.DeviceType.CPU && parameter.dtype == ScalarType.Float32
                && parameter.is_contiguous();
        }

        public string Name { get; }

        public Tensor Parameter { get; }

        public Tensor Mean { get; }

        public Tensor Square { get; }

        public bool Fusible { get; }

        public long Steps { get; set; }

        public void Dispose()
        {
            Mean.Dispose();
            Square.Dispose();
        }
    }
}

namespace Fovea.Models;

/// <summary>Which engine values are read with, where nothing but reading is asked for.</summary>
public enum EngineChoice
{
    /// <summary>ONNX Runtime where it gives the values, else libtorch.</summary>
    Auto,

    /// <summary>libtorch.</summary>
    Torch,

    /// <summary>ONNX Runtime; where it cannot give the values, that is an error.</summary>
    OnnxRuntime,
}
